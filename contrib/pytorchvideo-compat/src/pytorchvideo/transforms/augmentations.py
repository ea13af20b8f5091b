"""Augmentations by magnitude."""

from ptv_transforms import AugmentTransform

__all__ = ["AugmentTransform"]
