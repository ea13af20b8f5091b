"""ResNets that score boxes in clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Classes, HeadWindow
from ptv_layers.slots import Activation, Head
from ptv_registry.extending import extends
from ptv_resnet.model import create_resnet, stage_depths
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_resnet.stage import Sizes


@takes_clips(ClipInput(4, 16, train_crop=224, boxes=True))
@extends(create_resnet)
def create_resnet_with_roi_head(
    arguments: dict[str, Any],
    *,
    model_num_class: Classes = 80,
    stem_conv_kernel_size: Sequence[int] = (1, 7, 7),
    stage_conv_b_dilation: Sizes = ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2)),
    stage_spatial_h_stride: Sequence[int] = (1, 2, 2, 1),
    stage_spatial_w_stride: Sequence[int] = (1, 2, 2, 1),
    head: Head = create_res_roi_pooling_head,
    head_pool_kernel_size: HeadWindow = (4, 1, 1),
    head_activation: Activation = nn.Sigmoid,
    head_output_with_global_average: bool = False,
    head_spatial_resolution: Sequence[int] = (7, 7),
    head_spatial_scale: float = 1.0 / 16.0,
    head_sampling_ratio: int = 0,
) -> DetectionBBoxNetwork | Net:
    """Build a ResNet that scores boxes in clips. Stem and stages are those of :func:`ptv_resnet.create_resnet`.

    Args:
        head: makes the head, which takes features and boxes; ``None`` for features instead of scores.
        head_pool: makes the pool of the head, which must leave one time step; ``None`` for no pool.
        head_output_with_global_average: average the scores of a box over its positions.
        head_spatial_resolution: (H, W) to which each box is sampled.
        head_spatial_scale: pixels of the features per pixel of the clip.
        head_sampling_ratio: samples for each output sample along each side; 0 for as many as fit.

    Returns:
        A network from clips (B, input_channel, T, H, W) and boxes (N, 5) to scores (N, model_num_class).

    Raises:
        ArgumentError: as :func:`ptv_resnet.create_resnet`.
    """
    model: Net = create_resnet(**{**arguments, "head": None})
    if head is None:
        return model
    detection_head = head(
        in_features=arguments["stem_dim_out"] * 2 ** (len(stage_depths(arguments["model_depth"])) + 1),
        out_features=model_num_class,
        pool=arguments["head_pool"],
        output_size=arguments["head_output_size"],
        pool_kernel_size=head_pool_kernel_size,
        dropout_rate=arguments["dropout_rate"],
        activation=head_activation,
        output_with_global_average=head_output_with_global_average,
        resolution=head_spatial_resolution,
        spatial_scale=head_spatial_scale,
        sampling_ratio=head_sampling_ratio,
    )
    return DetectionBBoxNetwork(model, detection_head)
