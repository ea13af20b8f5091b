"""RandAugment."""

from ptv_transforms import RandAugment

__all__ = ["RandAugment"]
