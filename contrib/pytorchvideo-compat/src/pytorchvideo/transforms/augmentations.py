"""Augmentations by magnitude."""

from ptv_transforms import AugmentTransform
from ptv_transforms.augmentations import LEVEL_TO_ARG as _LEVEL_TO_ARG
from ptv_transforms.augmentations import MAX_LEVEL as _AUGMENTATION_MAX_LEVEL
from ptv_transforms.augmentations import OPERATIONS as _NAME_TO_TRANSFORM_FUNC
from ptv_transforms.augmentations import SAMPLING_DEFAULT_HPARAS, TRANSFORM_DEFAULT_HPARAS
from ptv_transforms.augmentations import TRANSFORM_MAX_PARAMS as _TRANSFORM_MAX_PARAMS
from ptv_transforms.augmentations import decreasing_int_to_arg as _decreasing_int_to_arg
from ptv_transforms.augmentations import decreasing_to_arg as _decreasing_to_arg
from ptv_transforms.augmentations import increasing_magnitude_to_arg as _increasing_magnitude_to_arg
from ptv_transforms.augmentations import increasing_randomly_negate_to_arg as _increasing_randomly_negate_to_arg

__all__ = [
    "SAMPLING_DEFAULT_HPARAS",
    "TRANSFORM_DEFAULT_HPARAS",
    "_AUGMENTATION_MAX_LEVEL",
    "_LEVEL_TO_ARG",
    "_NAME_TO_TRANSFORM_FUNC",
    "_TRANSFORM_MAX_PARAMS",
    "AugmentTransform",
    "_decreasing_int_to_arg",
    "_decreasing_to_arg",
    "_increasing_magnitude_to_arg",
    "_increasing_randomly_negate_to_arg",
]
