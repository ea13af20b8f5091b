"""``ptv bench``: timing the exported variants of a model."""
