"""Prediction: a model on one video, window by window."""
