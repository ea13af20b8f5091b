"""The published SlowFast networks: each is the table of its arguments (https://arxiv.org/abs/1812.03982)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from torch import nn

from ptv_layers.clip_input import ClipInput, takes_clips
from ptv_layers.published_weights import has_weights
from ptv_layers.slots import Activation, Block, Fusion, Head, Norm, Pool, Stage, Stem
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_resnet.stage import create_res_stage
from ptv_resnet.stem import create_res_basic_stem
from ptv_slowfast.fusion import create_fast_to_slow_fusion
from ptv_slowfast.model import create_slowfast
from ptv_slowfast.roi_model import create_slowfast_with_roi_head
from ptv_slowfast.weights import SLOWFAST_16X8, SLOWFAST_R50, SLOWFAST_R50_DETECTION, SLOWFAST_R101

BOTTLENECKS: Final = ((create_bottleneck_block,) * 4, (create_bottleneck_block,) * 4)
SIX_OF_23: Final = ((3, 1, 1),) * 6 + ((1, 1, 1),) * 17


@has_weights(*SLOWFAST_R50)
@takes_clips(ClipInput(32, 2, alpha=4))
def slowfast_r50(
    *,
    input_channels: Sequence[int] = (3, 3),
    model_num_class: int = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    fusion_builder: Fusion = None,
    fusion: Fusion = create_fast_to_slow_fusion,
    stem_function: tuple[Stem, ...] = (create_res_basic_stem, create_res_basic_stem),
    stem_pool: tuple[Pool, ...] = (nn.MaxPool3d, nn.MaxPool3d),
    bottleneck: tuple[tuple[Block, ...], ...] = BOTTLENECKS,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: Sequence[Sequence[int]] = ((8, 7, 7), (32, 7, 7)),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
) -> Net:
    """Build SlowFast 8x8 with 50 layers.

    Arguments as in :func:`ptv_slowfast.create_slowfast`.
    Published for clips (1, 3, 8, 256, 256) and (1, 3, 32, 256, 256).
    """
    return create_slowfast(
        model_depth=50,
        slowfast_fusion_conv_kernel_size=(7, 1, 1),
        input_channels=input_channels,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        fusion_builder=fusion_builder,
        fusion=fusion,
        stem_function=stem_function,
        stem_pool=stem_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_sizes=head_pool_kernel_sizes,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )


@has_weights(*SLOWFAST_R101)
@takes_clips(ClipInput(32, 2, alpha=4))
def slowfast_r101(
    *,
    input_channels: Sequence[int] = (3, 3),
    model_num_class: int = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    fusion_builder: Fusion = None,
    fusion: Fusion = create_fast_to_slow_fusion,
    stem_function: tuple[Stem, ...] = (create_res_basic_stem, create_res_basic_stem),
    stem_pool: tuple[Pool, ...] = (nn.MaxPool3d, nn.MaxPool3d),
    bottleneck: tuple[tuple[Block, ...], ...] = BOTTLENECKS,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: Sequence[Sequence[int]] = ((8, 7, 7), (32, 7, 7)),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
) -> Net:
    """Build SlowFast 8x8 with 101 layers.

    Arguments as in :func:`ptv_slowfast.create_slowfast`.
    Published for clips (1, 3, 8, 256, 256) and (1, 3, 32, 256, 256).
    """
    return create_slowfast(
        model_depth=101,
        slowfast_fusion_conv_kernel_size=(5, 1, 1),
        input_channels=input_channels,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        fusion_builder=fusion_builder,
        fusion=fusion,
        stem_function=stem_function,
        stem_pool=stem_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_sizes=head_pool_kernel_sizes,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )


@has_weights(*SLOWFAST_16X8)
@takes_clips(ClipInput(64, 2, alpha=4))
def slowfast_16x8_r101_50_50(
    *,
    input_channels: Sequence[int] = (3, 3),
    model_num_class: int = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    fusion_builder: Fusion = None,
    fusion: Fusion = create_fast_to_slow_fusion,
    stem_function: tuple[Stem, ...] = (create_res_basic_stem, create_res_basic_stem),
    stem_pool: tuple[Pool, ...] = (nn.MaxPool3d, nn.MaxPool3d),
    bottleneck: tuple[tuple[Block, ...], ...] = BOTTLENECKS,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: Sequence[Sequence[int]] = ((16, 7, 7), (64, 7, 7)),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
) -> Net:
    """Build SlowFast 16x8 with 101 layers, of which the third stage filters over time in its first six blocks only.

    Arguments as in :func:`ptv_slowfast.create_slowfast`.
    Published for clips (1, 3, 16, 256, 256) and (1, 3, 64, 256, 256).
    """
    return create_slowfast(
        model_depth=101,
        slowfast_fusion_conv_kernel_size=(5, 1, 1),
        stage_conv_a_kernel_sizes=(
            ((1, 1, 1), (1, 1, 1), SIX_OF_23, (3, 1, 1)),
            ((3, 1, 1), (3, 1, 1), SIX_OF_23, (3, 1, 1)),
        ),
        input_channels=input_channels,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        fusion_builder=fusion_builder,
        fusion=fusion,
        stem_function=stem_function,
        stem_pool=stem_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_sizes=head_pool_kernel_sizes,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )


@has_weights(*SLOWFAST_R50_DETECTION)
@takes_clips(ClipInput(32, 2, alpha=4))
def slowfast_r50_detection(
    *,
    input_channels: Sequence[int] = (3, 3),
    model_num_class: int = 80,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    fusion_builder: Fusion = None,
    fusion: Fusion = create_fast_to_slow_fusion,
    stem_function: tuple[Stem, ...] = (create_res_basic_stem, create_res_basic_stem),
    stem_pool: tuple[Pool, ...] = (nn.MaxPool3d, nn.MaxPool3d),
    bottleneck: tuple[tuple[Block, ...], ...] = BOTTLENECKS,
    stage: Stage = create_res_stage,
    head: Head = create_res_roi_pooling_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: Sequence[Sequence[int]] = ((8, 1, 1), (32, 1, 1)),
    head_activation: Activation = nn.Sigmoid,
    head_output_with_global_average: bool = False,
) -> DetectionBBoxNetwork | Net:
    """Build SlowFast 8x8 with 50 layers and a detection head, for AVA.

    Arguments as in :func:`ptv_slowfast.create_slowfast_with_roi_head`.
    Published for clips (1, 3, 8, 256, 256) and (1, 3, 32, 256, 256).
    """
    return create_slowfast_with_roi_head(
        model_depth=50,
        slowfast_fusion_conv_kernel_size=(7, 1, 1),
        input_channels=input_channels,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        fusion_builder=fusion_builder,
        fusion=fusion,
        stem_function=stem_function,
        stem_pool=stem_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_sizes=head_pool_kernel_sizes,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )
