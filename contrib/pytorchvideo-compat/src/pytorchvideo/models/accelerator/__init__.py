"""Efficient models and their blocks, with a package per device."""
