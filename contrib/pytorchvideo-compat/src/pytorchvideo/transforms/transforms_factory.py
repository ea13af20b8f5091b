"""Pipelines for training and validation."""

from ptv_transforms import (
    ApplyTransformToKey,
    AugMix,
    ConvertUint8ToFloat,
    Permute,
    RandAugment,
    RandomResizedCrop,
    RandomShortSideScale,
    RemoveKey,
    ShortSideScale,
    UniformTemporalSubsample,
    create_video_transform,
)
from pytorchvideo.transforms.transforms import Normalize

__all__ = [
    "ApplyTransformToKey",
    "AugMix",
    "ConvertUint8ToFloat",
    "Normalize",
    "Permute",
    "RandAugment",
    "RandomResizedCrop",
    "RandomShortSideScale",
    "RemoveKey",
    "ShortSideScale",
    "UniformTemporalSubsample",
    "create_video_transform",
]
