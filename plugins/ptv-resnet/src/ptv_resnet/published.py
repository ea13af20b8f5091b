"""The published ResNets: each is the table of its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_layers.clip_input import ClipInput, takes_clips
from ptv_layers.published_weights import has_weights
from ptv_layers.slots import Activation, Head, Norm, Pool, Stage, Stem
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import StageBlocks, create_resnet
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_resnet.roi_model import create_resnet_with_roi_head
from ptv_resnet.stage import create_res_stage
from ptv_resnet.stem import create_res_basic_stem
from ptv_resnet.weights import C2D_R50, I3D_R50, SLOW_R50, SLOW_R50_DETECTION


@has_weights(*SLOW_R50)
@takes_clips(ClipInput(8, 8))
def slow_r50(
    *,
    input_channel: int = 3,
    model_num_class: int = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_res_basic_stem,
    stem_pool: Pool = nn.MaxPool3d,
    bottleneck: StageBlocks = create_bottleneck_block,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: Sequence[int] = (8, 7, 7),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
) -> Net:
    """Build the slow pathway of SlowFast as a network of its own, 8 frames x stride 8 (https://arxiv.org/abs/1812.03982).

    Arguments as in :func:`ptv_resnet.create_resnet`. Published for clips (B, 3, 8, 256, 256).
    """
    return create_resnet(
        model_depth=50,
        stem_conv_kernel_size=(1, 7, 7),
        input_channel=input_channel,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        stem=stem,
        stem_pool=stem_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_size=head_pool_kernel_size,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )


@has_weights(*C2D_R50)
@takes_clips(ClipInput(8, 8))
def c2d_r50(
    *,
    input_channel: int = 3,
    model_num_class: int = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_res_basic_stem,
    stem_pool: Pool = nn.MaxPool3d,
    stage1_pool: Pool = nn.MaxPool3d,
    bottleneck: StageBlocks = create_bottleneck_block,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: Sequence[int] = (4, 7, 7),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
) -> Net:
    """Build C2D, convolutions over space only, 8 frames x stride 8 (https://arxiv.org/abs/1711.07971).

    Arguments as in :func:`ptv_resnet.create_resnet`. Published for clips (B, 3, 8, 256, 256).
    """
    return create_resnet(
        model_depth=50,
        stem_conv_kernel_size=(1, 7, 7),
        stage_conv_a_kernel_size=((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        input_channel=input_channel,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        stem=stem,
        stem_pool=stem_pool,
        stage1_pool=stage1_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_size=head_pool_kernel_size,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )


@has_weights(*I3D_R50)
@takes_clips(ClipInput(8, 8))
def i3d_r50(
    *,
    input_channel: int = 3,
    model_num_class: int = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_res_basic_stem,
    stem_pool: Pool = nn.MaxPool3d,
    stage1_pool: Pool = nn.MaxPool3d,
    bottleneck: StageBlocks = create_bottleneck_block,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: Sequence[int] = (4, 7, 7),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
) -> Net:
    """Build I3D, an inflated ResNet-50, 8 frames x stride 8 (https://arxiv.org/abs/1705.07750).

    Arguments as in :func:`ptv_resnet.create_resnet`. Published for clips (B, 3, 8, 256, 256).
    """
    return create_resnet(
        model_depth=50,
        stem_conv_kernel_size=(5, 7, 7),
        stage_conv_a_kernel_size=(
            (3, 1, 1),
            ((3, 1, 1), (1, 1, 1)),
            ((3, 1, 1), (1, 1, 1)),
            ((1, 1, 1), (3, 1, 1)),
        ),
        input_channel=input_channel,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        stem=stem,
        stem_pool=stem_pool,
        stage1_pool=stage1_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_size=head_pool_kernel_size,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
    )


@has_weights(*SLOW_R50_DETECTION)
@takes_clips(ClipInput(4, 16))
def slow_r50_detection(
    *,
    input_channel: int = 3,
    model_num_class: int = 80,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_res_basic_stem,
    stem_pool: Pool = nn.MaxPool3d,
    bottleneck: StageBlocks = create_bottleneck_block,
    stage: Stage = create_res_stage,
    head: Head = create_res_roi_pooling_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: Sequence[int] = (4, 1, 1),
    head_activation: Activation = nn.Sigmoid,
) -> DetectionBBoxNetwork | Net:
    """Build the slow pathway with a detection head, 4 frames x stride 16, for AVA (https://arxiv.org/abs/1812.03982).

    Arguments as in :func:`ptv_resnet.create_resnet_with_roi_head`. Published for clips (B, 3, 4, 256, 256).
    """
    return create_resnet_with_roi_head(
        model_depth=50,
        input_channel=input_channel,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        stem=stem,
        stem_pool=stem_pool,
        bottleneck=bottleneck,
        stage=stage,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_size=head_pool_kernel_size,
        head_activation=head_activation,
    )
