"""Clip samplers: which stretches of a video become clips."""
