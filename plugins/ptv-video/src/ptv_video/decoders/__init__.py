"""The decoders, and how the pictures of a file are decoded."""
