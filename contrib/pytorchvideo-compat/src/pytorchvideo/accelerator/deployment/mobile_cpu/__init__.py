"""The CPU of a phone."""
