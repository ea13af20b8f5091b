"""RandAugment."""

from ptv_transforms import AugmentTransform, OpSampler, RandAugment
from ptv_transforms.augmentations import SAMPLING_DEFAULT_HPARAS

__all__ = ["SAMPLING_RANDAUG_DEFAULT_HPARAS", "AugmentTransform", "OpSampler", "RandAugment"]

SAMPLING_RANDAUG_DEFAULT_HPARAS = {"sampling_data_type": "int", "sampling_min": 0, **SAMPLING_DEFAULT_HPARAS}
