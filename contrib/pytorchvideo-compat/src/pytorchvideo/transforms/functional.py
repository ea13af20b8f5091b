"""The functions behind the transforms, for use on their own."""

from typing import Tuple  # noqa: UP035 - a documented name

from ptv_transforms.functional import (
    clip_boxes_to_image,
    convert_to_one_hot,
    crop_boxes,
    div_255,
    horizontal_flip_with_boxes,
    random_crop_with_boxes,
    random_resized_crop,
    random_short_side_scale_with_boxes,
    short_side_scale,
    short_side_scale_with_boxes,
    uniform_crop,
    uniform_crop_with_boxes,
    uniform_temporal_subsample,
    uniform_temporal_subsample_repeated,
)

__all__ = [
    "Tuple",
    "clip_boxes_to_image",
    "convert_to_one_hot",
    "crop_boxes",
    "div_255",
    "horizontal_flip_with_boxes",
    "random_crop_with_boxes",
    "random_resized_crop",
    "random_short_side_scale_with_boxes",
    "short_side_scale",
    "short_side_scale_with_boxes",
    "uniform_crop",
    "uniform_crop_with_boxes",
    "uniform_temporal_subsample",
    "uniform_temporal_subsample_repeated",
]
