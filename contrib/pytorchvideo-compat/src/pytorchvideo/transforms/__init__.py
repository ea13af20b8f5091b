"""Transforms and augmentations of clips."""

from typing import Callable, Dict, List, Tuple  # noqa: UP035 - documented names

from pytorchvideo.transforms import augmentations, augmix, functional, mix, rand_augment, transforms, transforms_factory
from pytorchvideo.transforms.augmentations import AugmentTransform
from pytorchvideo.transforms.augmix import AugMix
from pytorchvideo.transforms.mix import CutMix, MixUp, MixVideo
from pytorchvideo.transforms.rand_augment import RandAugment
from pytorchvideo.transforms.transforms import (
    ApplyTransformToKey,
    ConvertFloatToUint8,
    ConvertUint8ToFloat,
    Div255,
    MoveChannelFront,
    MoveChannelRear,
    Normalize,
    OpSampler,
    Permute,
    RandomResizedCrop,
    RandomShortSideScale,
    RemoveKey,
    ShortSideScale,
    UniformCropVideo,
    UniformTemporalSubsample,
    UniformTemporalSubsampleRepeated,
)
from pytorchvideo.transforms.transforms_factory import create_video_transform

__all__ = [
    "ApplyTransformToKey",
    "AugMix",
    "AugmentTransform",
    "Callable",
    "ConvertFloatToUint8",
    "ConvertUint8ToFloat",
    "CutMix",
    "Dict",
    "Div255",
    "List",
    "MixUp",
    "MixVideo",
    "MoveChannelFront",
    "MoveChannelRear",
    "Normalize",
    "OpSampler",
    "Permute",
    "RandAugment",
    "RandomResizedCrop",
    "RandomShortSideScale",
    "RemoveKey",
    "ShortSideScale",
    "Tuple",
    "UniformCropVideo",
    "UniformTemporalSubsample",
    "UniformTemporalSubsampleRepeated",
    "augmentations",
    "augmix",
    "create_video_transform",
    "functional",
    "mix",
    "rand_augment",
    "transforms",
    "transforms_factory",
]
