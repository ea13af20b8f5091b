"""Transforms and augmentations of video clips and of their audio."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_transforms.augmentations import AugmentTransform
    from ptv_transforms.augmix import AugMix
    from ptv_transforms.compose import Compose
    from ptv_transforms.crop import CenterCrop, RandomResizedCrop
    from ptv_transforms.dtype import ConvertFloatToUint8, ConvertUint8ToFloat, Div255
    from ptv_transforms.factory import create_video_transform
    from ptv_transforms.frame_pushdown import Pushdown, pushdown
    from ptv_transforms.layout import MoveChannelFront, MoveChannelRear, Permute
    from ptv_transforms.mix import CutMix, MixUp, MixVideo
    from ptv_transforms.normalize import Normalize
    from ptv_transforms.op_sampler import OpSampler
    from ptv_transforms.pathway import PackPathway, UniformTemporalSubsampleRepeated
    from ptv_transforms.rand_augment import RandAugment
    from ptv_transforms.sample_keys import ApplyTransformToKey, MissingKeyError, RemoveKey, UniformCropVideo
    from ptv_transforms.scale import RandomShortSideScale, ShortSideScale
    from ptv_transforms.spectrogram import LogMelSpectrogram
    from ptv_transforms.temporal import UniformTemporalSubsample

__all__ = [
    "ApplyTransformToKey",
    "AugMix",
    "AugmentTransform",
    "CenterCrop",
    "Compose",
    "ConvertFloatToUint8",
    "ConvertUint8ToFloat",
    "CutMix",
    "Div255",
    "LogMelSpectrogram",
    "MissingKeyError",
    "MixUp",
    "MixVideo",
    "MoveChannelFront",
    "MoveChannelRear",
    "Normalize",
    "OpSampler",
    "PackPathway",
    "Permute",
    "Pushdown",
    "RandAugment",
    "RandomResizedCrop",
    "RandomShortSideScale",
    "RemoveKey",
    "ShortSideScale",
    "UniformCropVideo",
    "UniformTemporalSubsample",
    "UniformTemporalSubsampleRepeated",
    "create_video_transform",
    "pushdown",
]

__getattr__, __dir__ = lazy_package(__name__)
