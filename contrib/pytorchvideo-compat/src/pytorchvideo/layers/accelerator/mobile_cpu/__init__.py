"""Efficient layers for the CPU of a phone."""
