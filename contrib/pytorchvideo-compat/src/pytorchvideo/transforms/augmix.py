"""AugMix."""

from ptv_transforms import AugMix

__all__ = ["AugMix"]
