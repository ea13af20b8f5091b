"""Opening files: where their bytes come from, which formats are accepted, and which streams are read."""
