"""Octave convolution for video models."""

from ptv_octconv.conv import OctConv3d

__all__ = ["OctConv3d"]
