"""SlowFast networks that score boxes in clips."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import ChannelsOfPathways, Classes, HeadWindows, PathwayStride
from ptv_layers.slots import Activation, Block, Fusion, Head, Norm, Pool, Stage, Stem
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.model import stage_depths
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_resnet.stage import Sizes, create_res_stage
from ptv_resnet.stem import create_res_basic_stem
from ptv_slowfast.fusion import create_fast_to_slow_fusion
from ptv_slowfast.model import create_slowfast, head_width, reduction_ratios


@takes_clips(ClipInput(32, 2, alpha=4, train_crop=224))
def create_slowfast_with_roi_head(
    *,
    slowfast_channel_reduction_ratio: Sequence[int] | int = (8,),
    slowfast_conv_channel_fusion_ratio: int = 2,
    slowfast_fusion_conv_kernel_size: Sequence[int] = (7, 1, 1),
    slowfast_fusion_conv_stride: PathwayStride = (4, 1, 1),
    fusion_builder: Fusion = None,
    input_channels: ChannelsOfPathways = (3, 3),
    model_depth: int = 50,
    model_num_class: Classes = 80,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem_function: tuple[Stem, ...] = (create_res_basic_stem, create_res_basic_stem),
    stem_dim_outs: Sequence[int] = (64, 8),
    stem_conv_kernel_sizes: Sequence[Sequence[int]] = ((1, 7, 7), (5, 7, 7)),
    stem_conv_strides: Sequence[Sequence[int]] = ((1, 2, 2), (1, 2, 2)),
    stem_pool: tuple[Pool, ...] = (nn.MaxPool3d, nn.MaxPool3d),
    stem_pool_kernel_sizes: Sequence[Sequence[int]] = ((1, 3, 3), (1, 3, 3)),
    stem_pool_strides: Sequence[Sequence[int]] = ((1, 2, 2), (1, 2, 2)),
    stage_conv_a_kernel_sizes: Sequence[Sequence[Sizes]] = (
        ((1, 1, 1), (1, 1, 1), (3, 1, 1), (3, 1, 1)),
        ((3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 1, 1)),
    ),
    stage_conv_b_kernel_sizes: Sequence[Sequence[Sequence[int]]] = (
        ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 3, 3)),
        ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 3, 3)),
    ),
    stage_conv_b_num_groups: Sequence[Sequence[int]] = ((1, 1, 1, 1), (1, 1, 1, 1)),
    stage_conv_b_dilations: Sequence[Sequence[Sequence[int]]] = (
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2)),
    ),
    stage_spatial_strides: Sequence[Sequence[int]] = ((1, 2, 2, 1), (1, 2, 2, 1)),
    stage_temporal_strides: Sequence[Sequence[int]] = ((1, 1, 1, 1), (1, 1, 1, 1)),
    bottleneck: tuple[tuple[Block, ...], ...] = (
        (create_bottleneck_block, create_bottleneck_block, create_bottleneck_block, create_bottleneck_block),
        (create_bottleneck_block, create_bottleneck_block, create_bottleneck_block, create_bottleneck_block),
    ),
    head: Head = create_res_roi_pooling_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: HeadWindows = ((8, 1, 1), (32, 1, 1)),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = nn.Sigmoid,
    head_output_with_global_average: bool = False,
    head_spatial_resolution: Sequence[int] = (7, 7),
    head_spatial_scale: float = 1.0 / 16.0,
    head_sampling_ratio: int = 0,
    stage: Stage = create_res_stage,
    fusion: Fusion = create_fast_to_slow_fusion,
) -> DetectionBBoxNetwork | Net:
    """Build a SlowFast network that scores boxes in clips. The pathways are those of :func:`create_slowfast`.

    Args:
        slowfast_channel_reduction_ratio: channels of the slow pathway per channel of each fast one.
        slowfast_conv_channel_fusion_ratio: channels fused into the slow pathway per channel of the fast one.
        slowfast_fusion_conv_kernel_size: (T, H, W) of the fusion's convolution.
        slowfast_fusion_conv_stride: (T, H, W) of the fusion's convolution; over time, frames of the fast pathway per
            frame of the slow one.
        fusion_builder: makes the fusion of a stage from ``fusion_dim_in``, the channels of the slow pathway, and
            ``stage_idx``, 0 for the stem; ``None`` for ``fusion`` with the arguments above.
        input_channels: channels of each clip.
        model_depth: 18 (one block a stage), 50, 101 or 152.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation of stems, stages and fusions; ``None`` for none.
        stem_function: makes the stem of each pathway.
        stem_dim_outs: channels of each stem's output.
        stem_conv_kernel_sizes: (T, H, W) of each stem's convolution.
        stem_conv_strides: (T, H, W) of each stem's convolution.
        stem_pool: makes the pool of each stem; ``None`` for no pool.
        stem_pool_kernel_sizes: (T, H, W) of each stem's pool.
        stem_pool_strides: (T, H, W) of each stem's pool.
        stage_conv_a_kernel_sizes: sizes of the first convolution of the bottlenecks.
        stage_conv_b_kernel_sizes: sizes of the second convolution of the bottlenecks.
        stage_conv_b_num_groups: channel groups of the second convolution; more than 1 for a ResNeXt.
        stage_conv_b_dilations: dilations of the second convolution.
        stage_spatial_strides: strides over height and width.
        stage_temporal_strides: strides over time.
        bottleneck: makes the residual branches.
        head: makes the head, which takes features and boxes; ``None`` for features instead of scores.
        head_pool: makes the pool of each pathway before the head, to one time step; ``None`` for no pools.
        head_pool_kernel_sizes: (T, H, W) of each of these pools unless they are adaptive.
        head_output_size: (T, H, W) after adaptive pools.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores of a box over its positions.
        head_spatial_resolution: (H, W) to which each box is sampled.
        head_spatial_scale: pixels of the features per pixel of the clip.
        head_sampling_ratio: samples for each output sample along each side; 0 for as many as fit.
        stage: makes each stage.
        fusion: makes each fusion unless ``fusion_builder`` does.

    Returns:
        A network from a list of clips (B, C, T, H, W), one for each pathway, and boxes (N, 5) to scores
        (N, model_num_class).

    Raises:
        ArgumentError: as :func:`create_slowfast`.
    """
    model = create_slowfast(
        slowfast_channel_reduction_ratio=slowfast_channel_reduction_ratio,
        slowfast_conv_channel_fusion_ratio=slowfast_conv_channel_fusion_ratio,
        slowfast_fusion_conv_kernel_size=slowfast_fusion_conv_kernel_size,
        slowfast_fusion_conv_stride=slowfast_fusion_conv_stride,
        fusion_builder=fusion_builder,
        input_channels=input_channels,
        model_depth=model_depth,
        norm=norm,
        activation=activation,
        stem_function=stem_function,
        stem_dim_outs=stem_dim_outs,
        stem_conv_kernel_sizes=stem_conv_kernel_sizes,
        stem_conv_strides=stem_conv_strides,
        stem_pool=stem_pool,
        stem_pool_kernel_sizes=stem_pool_kernel_sizes,
        stem_pool_strides=stem_pool_strides,
        stage_conv_a_kernel_sizes=stage_conv_a_kernel_sizes,
        stage_conv_b_kernel_sizes=stage_conv_b_kernel_sizes,
        stage_conv_b_num_groups=stage_conv_b_num_groups,
        stage_conv_b_dilations=stage_conv_b_dilations,
        stage_spatial_strides=stage_spatial_strides,
        stage_temporal_strides=stage_temporal_strides,
        bottleneck=bottleneck,
        head_pool=head_pool,
        head_pool_kernel_sizes=head_pool_kernel_sizes,
        head_output_size=head_output_size,
        head=None,
        stage=stage,
        fusion=fusion,
    )
    if head is None:
        return model
    ratios = reduction_ratios(slowfast_channel_reduction_ratio)
    detection_head = head(
        in_features=head_width(stem_dim_outs, ratios, len(stage_depths(model_depth))),
        out_features=model_num_class,
        pool=None,
        output_size=head_output_size,
        dropout_rate=dropout_rate,
        activation=head_activation,
        output_with_global_average=head_output_with_global_average,
        resolution=head_spatial_resolution,
        spatial_scale=head_spatial_scale,
        sampling_ratio=head_sampling_ratio,
    )
    return DetectionBBoxNetwork(model, detection_head)
