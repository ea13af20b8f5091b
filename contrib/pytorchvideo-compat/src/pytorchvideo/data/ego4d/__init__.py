"""Ego4D: clips around its moments, and its inertial measurements."""

from pytorchvideo.data.ego4d import ego4d_dataset, utils
from pytorchvideo.data.ego4d.ego4d_dataset import __getattr__

__all__ = ["__getattr__", "ego4d_dataset", "utils"]
