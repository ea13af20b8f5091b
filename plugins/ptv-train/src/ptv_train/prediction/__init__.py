"""A model on one video, window by window."""
