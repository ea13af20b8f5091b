"""The functions behind the transforms, for use on their own."""

from ptv_transforms.functional.boxes import (
    clip_boxes_to_image,
    crop_boxes,
    horizontal_flip_with_boxes,
    random_crop_with_boxes,
    random_short_side_scale_with_boxes,
    short_side_scale_with_boxes,
    uniform_crop_with_boxes,
)
from ptv_transforms.functional.crop import center_crop, random_resized_crop, uniform_crop
from ptv_transforms.functional.dtype import div_255
from ptv_transforms.functional.labels import convert_to_one_hot
from ptv_transforms.functional.scale import resize, short_side_scale, short_side_scale_to_float
from ptv_transforms.functional.temporal import (
    uniform_temporal_indices,
    uniform_temporal_subsample,
    uniform_temporal_subsample_repeated,
)

__all__ = [
    "center_crop",
    "clip_boxes_to_image",
    "convert_to_one_hot",
    "crop_boxes",
    "div_255",
    "horizontal_flip_with_boxes",
    "random_crop_with_boxes",
    "random_resized_crop",
    "random_short_side_scale_with_boxes",
    "resize",
    "short_side_scale",
    "short_side_scale_to_float",
    "short_side_scale_with_boxes",
    "uniform_crop",
    "uniform_crop_with_boxes",
    "uniform_temporal_indices",
    "uniform_temporal_subsample",
    "uniform_temporal_subsample_repeated",
]
