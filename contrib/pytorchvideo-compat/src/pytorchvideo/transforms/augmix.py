"""AugMix."""

from ptv_transforms import AugmentTransform, AugMix, OpSampler
from ptv_transforms.augmix import SAMPLING_AUGMIX_DEFAULT_HPARAS

__all__ = ["SAMPLING_AUGMIX_DEFAULT_HPARAS", "AugMix", "AugmentTransform", "OpSampler"]
