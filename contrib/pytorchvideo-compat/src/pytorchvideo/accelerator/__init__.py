"""Efficient blocks and the ways from a model to a device."""
