"""Efficient models for the CPU of a phone."""
