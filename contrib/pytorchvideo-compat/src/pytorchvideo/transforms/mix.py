"""Mixing of samples."""

from ptv_transforms import CutMix, MixUp, MixVideo

__all__ = ["CutMix", "MixUp", "MixVideo"]
