"""Norms, convolutions, activations, pools and layers of video models."""
