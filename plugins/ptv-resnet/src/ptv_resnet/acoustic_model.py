"""ResNets for sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, HeadWindow
from ptv_layers.slots import Activation, Head, Norm, Pool, Stage, Stem
from ptv_registry import Slot
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import create_resnet
from ptv_resnet.net import Net
from ptv_resnet.separable_bottleneck import create_acoustic_bottleneck_block
from ptv_resnet.stage import Sizes, create_res_stage
from ptv_resnet.stem import create_acoustic_res_basic_stem

_Builder = Callable[..., nn.Module]
AcousticBlocks = Annotated[Sequence[_Builder] | _Builder, Slot("block", many=True)]


@takes_clips(ClipInput(64, 1, pictures=False, mel_steps=128))
def create_acoustic_resnet(
    *,
    input_channel: Channels = 1,
    model_depth: int = 50,
    model_num_class: Classes = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem_dim_out: int = 64,
    stem_conv_kernel_size: Sequence[int] = (9, 1, 9),
    stem_conv_stride: Sequence[int] = (1, 1, 3),
    stem_pool: Pool = None,
    stem_pool_kernel_size: Sequence[int] = (3, 1, 3),
    stem_pool_stride: Sequence[int] = (2, 1, 2),
    stem: Stem = create_acoustic_res_basic_stem,
    stage1_pool: Pool = None,
    stage1_pool_kernel_size: Sequence[int] = (2, 1, 1),
    stage_conv_a_kernel_size: Sizes | Sequence[Sizes] = (3, 1, 1),
    stage_conv_b_kernel_size: Sizes = (3, 1, 3),
    stage_conv_b_num_groups: Sequence[int] = (1, 1, 1, 1),
    stage_conv_b_dilation: Sizes = (1, 1, 1),
    stage_spatial_h_stride: Sequence[int] = (1, 1, 1, 1),
    stage_spatial_w_stride: Sequence[int] = (1, 2, 2, 2),
    stage_temporal_stride: Sequence[int] = (1, 2, 2, 2),
    bottleneck: AcousticBlocks = (
        create_acoustic_bottleneck_block,
        create_acoustic_bottleneck_block,
        create_bottleneck_block,
        create_bottleneck_block,
    ),
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: HeadWindow = (4, 1, 2),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
    head: Head = create_res_basic_head,
    stage: Stage = create_res_stage,
) -> Net:
    """Build a ResNet for spectrograms. It is :func:`ptv_resnet.create_resnet` with other defaults.

    Args:
        input_channel: channels of the spectrogram.
        model_depth: 18 (one block a stage), 50, 101 or 152.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation of stem and stages; ``None`` for none.
        stem_dim_out: channels of the stem's output.
        stem_conv_kernel_size: (T, 1, F) of the stem's convolutions.
        stem_conv_stride: (T, 1, F) of the stem's convolutions.
        stem_pool: makes the stem's pool; ``None`` for no pool.
        stem_pool_kernel_size: (T, 1, F) of the stem's pool.
        stem_pool_stride: (T, 1, F) of the stem's pool.
        stem: makes the stem.
        stage1_pool: makes a pool after the first stage; ``None`` for no pool.
        stage1_pool_kernel_size: (T, 1, F), both size and stride of that pool.
        stage_conv_a_kernel_size: sizes of the first convolution of the bottlenecks.
        stage_conv_b_kernel_size: sizes of the second convolution of the bottlenecks.
        stage_conv_b_num_groups: channel groups of the second convolution.
        stage_conv_b_dilation: dilations of the second convolution.
        stage_spatial_h_stride: strides over the dimension of size 1.
        stage_spatial_w_stride: strides over frequency.
        stage_temporal_stride: strides over time.
        bottleneck: makes the residual branches; one for all stages or one for each.
        head_pool: makes the head's pool; ``None`` for no pool.
        head_pool_kernel_size: (T, 1, F) of the head's pool unless that is adaptive.
        head_output_size: (T, 1, F) after an adaptive pool of the head.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores over time and frequency.
        head: makes the head; ``None`` for features instead of scores.
        stage: makes each stage.

    Returns:
        A network from (B, input_channel, T, 1, F), time and frequency, to (B, model_num_class).

    Raises:
        ArgumentError: as :func:`ptv_resnet.create_resnet`.
    """
    return create_resnet(
        input_channel=input_channel,
        model_depth=model_depth,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        stem_dim_out=stem_dim_out,
        stem_conv_kernel_size=stem_conv_kernel_size,
        stem_conv_stride=stem_conv_stride,
        stem_pool=stem_pool,
        stem_pool_kernel_size=stem_pool_kernel_size,
        stem_pool_stride=stem_pool_stride,
        stem=stem,
        stage1_pool=stage1_pool,
        stage1_pool_kernel_size=stage1_pool_kernel_size,
        stage_conv_a_kernel_size=stage_conv_a_kernel_size,
        stage_conv_b_kernel_size=stage_conv_b_kernel_size,
        stage_conv_b_num_groups=stage_conv_b_num_groups,
        stage_conv_b_dilation=stage_conv_b_dilation,
        stage_spatial_h_stride=stage_spatial_h_stride,
        stage_spatial_w_stride=stage_spatial_w_stride,
        stage_temporal_stride=stage_temporal_stride,
        bottleneck=bottleneck,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_size=head_pool_kernel_size,
        head_output_size=head_output_size,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
        stage=stage,
    )
