"""Transforms and augmentations of video clips and of their audio."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

# Not lazily: its module has the name of the function.
from ptv_transforms.pushdown import Pushdown, pushdown

if TYPE_CHECKING:
    from ptv_transforms.augmentations import AugmentTransform
    from ptv_transforms.augmix import AugMix
    from ptv_transforms.compose import Compose
    from ptv_transforms.crop import CenterCrop, RandomResizedCrop
    from ptv_transforms.dtype import ConvertFloatToUint8, ConvertUint8ToFloat, Div255
    from ptv_transforms.factory import create_video_transform
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

# Imported at the first use: some of them import torchvision, which takes longer than torch.
_HOMES: Final = {
    "ApplyTransformToKey": "ptv_transforms.sample_keys",
    "AugMix": "ptv_transforms.augmix",
    "AugmentTransform": "ptv_transforms.augmentations",
    "CenterCrop": "ptv_transforms.crop",
    "Compose": "ptv_transforms.compose",
    "ConvertFloatToUint8": "ptv_transforms.dtype",
    "ConvertUint8ToFloat": "ptv_transforms.dtype",
    "CutMix": "ptv_transforms.mix",
    "Div255": "ptv_transforms.dtype",
    "LogMelSpectrogram": "ptv_transforms.spectrogram",
    "MissingKeyError": "ptv_transforms.sample_keys",
    "MixUp": "ptv_transforms.mix",
    "MixVideo": "ptv_transforms.mix",
    "MoveChannelFront": "ptv_transforms.layout",
    "MoveChannelRear": "ptv_transforms.layout",
    "Normalize": "ptv_transforms.normalize",
    "OpSampler": "ptv_transforms.op_sampler",
    "PackPathway": "ptv_transforms.pathway",
    "Permute": "ptv_transforms.layout",
    "RandAugment": "ptv_transforms.rand_augment",
    "RandomResizedCrop": "ptv_transforms.crop",
    "RandomShortSideScale": "ptv_transforms.scale",
    "RemoveKey": "ptv_transforms.sample_keys",
    "ShortSideScale": "ptv_transforms.scale",
    "UniformCropVideo": "ptv_transforms.sample_keys",
    "UniformTemporalSubsample": "ptv_transforms.temporal",
    "UniformTemporalSubsampleRepeated": "ptv_transforms.pathway",
    "create_video_transform": "ptv_transforms.factory",
}

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
