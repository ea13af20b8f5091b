"""SlowFast networks that score boxes in clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Classes, HeadWindows
from ptv_layers.slots import Activation, Head
from ptv_registry.extending import extends
from ptv_resnet.model import stage_depths
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_slowfast.model import create_slowfast, head_width, reduction_ratios
from ptv_slowfast.pathway import PathwaysDetection


@takes_clips(ClipInput(32, 2, alpha=4, train_crop=224, boxes=True))
@extends(create_slowfast)
def create_slowfast_with_roi_head(
    arguments: dict[str, Any],
    *,
    model_num_class: Classes = 80,
    stage_conv_b_dilations: Sequence[Sequence[Sequence[int]]] = (
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2)),
    ),
    stage_spatial_strides: Sequence[Sequence[int]] = ((1, 2, 2, 1), (1, 2, 2, 1)),
    head: Head = create_res_roi_pooling_head,
    head_pool_kernel_sizes: HeadWindows = ((8, 1, 1), (32, 1, 1)),
    head_activation: Activation = nn.Sigmoid,
    head_output_with_global_average: bool = False,
    head_spatial_resolution: Sequence[int] = (7, 7),
    head_spatial_scale: float = 1.0 / 16.0,
    head_sampling_ratio: int = 0,
) -> DetectionBBoxNetwork | Net:
    """Build a SlowFast network that scores boxes in clips. The pathways are those of :func:`create_slowfast`.

    Args:
        head: makes the head, which takes features and boxes; ``None`` for features instead of scores.
        head_pool: makes the pool of each pathway before the head, to one time step; ``None`` for no pools.
        head_output_with_global_average: average the scores of a box over its positions.
        head_spatial_resolution: (H, W) to which each box is sampled.
        head_spatial_scale: pixels of the features per pixel of the clip.
        head_sampling_ratio: samples for each output sample along each side; 0 for as many as fit.

    Returns:
        A network from a list of clips (B, C, T, H, W), one for each pathway, and boxes (N, 5) to scores
        (N, model_num_class).

    Raises:
        ArgumentError: as :func:`create_slowfast`.
    """
    model: Net = create_slowfast(**{**arguments, "head": None})
    if head is None:
        return model
    ratios = reduction_ratios(arguments["slowfast_channel_reduction_ratio"])
    detection_head = head(
        in_features=head_width(arguments["stem_dim_outs"], ratios, len(stage_depths(arguments["model_depth"]))),
        out_features=model_num_class,
        pool=None,
        output_size=arguments["head_output_size"],
        dropout_rate=arguments["dropout_rate"],
        activation=head_activation,
        output_with_global_average=head_output_with_global_average,
        resolution=head_spatial_resolution,
        spatial_scale=head_spatial_scale,
        sampling_ratio=head_sampling_ratio,
    )
    return PathwaysDetection(model, detection_head)
