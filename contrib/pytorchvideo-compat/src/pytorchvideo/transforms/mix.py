"""Mixing of samples."""

from ptv_transforms import CutMix, MixUp, MixVideo
from pytorchvideo.transforms.functional import convert_to_one_hot

__all__ = ["CutMix", "MixUp", "MixVideo", "convert_to_one_hot"]
