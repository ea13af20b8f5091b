"""Transforms and augmentations of video clips and of their audio."""

from ptv_transforms.compose import Compose
from ptv_transforms.crop import RandomResizedCrop
from ptv_transforms.dtype import ConvertFloatToUint8, ConvertUint8ToFloat, Div255
from ptv_transforms.layout import MoveChannelFront, MoveChannelRear, Permute
from ptv_transforms.normalize import Normalize
from ptv_transforms.pathway import PackPathway, UniformTemporalSubsampleRepeated
from ptv_transforms.pushdown import Pushdown, pushdown
from ptv_transforms.sample import ApplyTransformToKey, MissingKeyError, RemoveKey, UniformCropVideo
from ptv_transforms.scale import RandomShortSideScale, ShortSideScale
from ptv_transforms.temporal import UniformTemporalSubsample

__all__ = [
    "ApplyTransformToKey",
    "Compose",
    "ConvertFloatToUint8",
    "ConvertUint8ToFloat",
    "Div255",
    "MissingKeyError",
    "MoveChannelFront",
    "MoveChannelRear",
    "Normalize",
    "PackPathway",
    "Permute",
    "Pushdown",
    "RandomResizedCrop",
    "RandomShortSideScale",
    "RemoveKey",
    "ShortSideScale",
    "UniformCropVideo",
    "UniformTemporalSubsample",
    "UniformTemporalSubsampleRepeated",
    "pushdown",
]
