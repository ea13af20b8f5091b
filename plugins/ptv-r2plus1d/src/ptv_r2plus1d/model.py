"""R(2+1)D, https://arxiv.org/abs/1711.11248."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, HeadWindow
from ptv_layers.activations import Softmax
from ptv_layers.convolutions import create_conv_2plus1d
from ptv_layers.slots import Activation, Conv, Head, Norm, Pool, Stage, Stem
from ptv_r2plus1d.block import create_2plus1d_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import StageBlocks, dilated_half, half, per_stage, stage_depths
from ptv_resnet.net import Net
from ptv_resnet.stage import create_res_stage
from ptv_resnet.stem import create_res_basic_stem


@takes_clips(ClipInput(16, 4, crop=224))
def create_r2plus1d(
    *,
    input_channel: Channels = 3,
    model_depth: int = 50,
    model_num_class: Classes = 400,
    dropout_rate: float = 0.0,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    stem_dim_out: int = 64,
    stem_conv_kernel_size: Sequence[int] = (1, 7, 7),
    stem_conv_stride: Sequence[int] = (1, 2, 2),
    stage_conv_a_kernel_size: Sequence[Sequence[int]] = ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    stage_conv_b_kernel_size: Sequence[Sequence[int]] = ((3, 3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    stage_conv_b_num_groups: Sequence[int] = (1, 1, 1, 1),
    stage_conv_b_dilation: Sequence[Sequence[int]] = ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    stage_spatial_stride: Sequence[int] = (2, 2, 2, 2),
    stage_temporal_stride: Sequence[int] = (1, 1, 2, 2),
    stage_bottleneck: StageBlocks = (
        create_2plus1d_bottleneck_block,
        create_2plus1d_bottleneck_block,
        create_2plus1d_bottleneck_block,
        create_2plus1d_bottleneck_block,
    ),
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: HeadWindow = (4, 7, 7),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = Softmax,
    head_output_with_global_average: bool = True,
    stem: Stem = create_res_basic_stem,
    stage: Stage = create_res_stage,
    stage_conv_b: Conv = create_conv_2plus1d,
    head: Head = create_res_basic_head,
) -> Net:
    """Build an R(2+1)D: a ResNet whose spatiotemporal convolutions are split into a temporal and a spatial one.

    Arguments named ``stage_...`` that are lists have one entry for each stage.

    Args:
        input_channel: channels of the clip.
        model_depth: 18 (one block a stage), 50, 101 or 152.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation of stem and stages; ``None`` for none.
        stem_dim_out: channels of the stem's output; the stages put out 4, 8, 16 and 32 times as many.
        stem_conv_kernel_size: (T, H, W) of the stem's convolution.
        stem_conv_stride: (T, H, W) of the stem's convolution.
        stage_conv_a_kernel_size: (T, H, W) of the first convolution of the bottlenecks.
        stage_conv_b_kernel_size: (T, H, W) of the second convolution of the bottlenecks.
        stage_conv_b_num_groups: channel groups of the second convolution; more than 1 needs another ``stage_conv_b``.
        stage_conv_b_dilation: (T, H, W) of the second convolution; more than 1 needs another ``stage_conv_b``.
        stage_spatial_stride: stride over height and width.
        stage_temporal_stride: stride over time.
        stage_bottleneck: makes the residual branches; one for all stages or one for each.
        head_pool: makes the head's pool; ``None`` for no pool.
        head_pool_kernel_size: (T, H, W) of the head's pool unless that is adaptive.
        head_output_size: (T, H, W) after an adaptive pool of the head.
        head_activation: makes the activation of the scores, at every position before the average; ``None`` for none.
        head_output_with_global_average: average the scores over time and space.
        stem: makes the stem.
        stage: makes each stage.
        stage_conv_b: makes the second convolution of the bottlenecks.
        head: makes the head; ``None`` for features instead of scores.

    Returns:
        A network from (B, input_channel, T, H, W) to (B, model_num_class).

    Raises:
        ArgumentError: if the depth is not among the known ones, an argument has not one entry for each stage, or the
            second convolution does not support the groups or the dilation.
    """
    depths = stage_depths(model_depth)
    count = len(depths)
    kernels_a = per_stage("stage_conv_a_kernel_size", stage_conv_a_kernel_size, count)
    kernels_b = per_stage("stage_conv_b_kernel_size", stage_conv_b_kernel_size, count)
    groups = per_stage("stage_conv_b_num_groups", stage_conv_b_num_groups, count)
    dilations = per_stage("stage_conv_b_dilation", stage_conv_b_dilation, count)
    strides_xy = per_stage("stage_spatial_stride", stage_spatial_stride, count)
    strides_t = per_stage("stage_temporal_stride", stage_temporal_stride, count)
    bottlenecks = stage_bottleneck if not callable(stage_bottleneck) else [stage_bottleneck] * count
    bottlenecks = per_stage("stage_bottleneck", bottlenecks, count)

    blocks: list[nn.Module] = [
        stem(
            in_channels=input_channel,
            out_channels=stem_dim_out,
            conv_kernel_size=stem_conv_kernel_size,
            conv_stride=stem_conv_stride,
            conv_padding=half(stem_conv_kernel_size),
            pool=None,
            norm=norm,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            activation=activation,
        )
    ]
    dim_in, dim_out = stem_dim_out, stem_dim_out * 4
    for index, depth in enumerate(depths):
        blocks.append(
            stage(
                depth=depth,
                dim_in=dim_in,
                dim_inner=dim_out // 4,
                dim_out=dim_out,
                bottleneck=bottlenecks[index],
                conv_a_kernel_size=kernels_a[index],
                conv_a_stride=(1, 1, 1),
                conv_a_padding=half(kernels_a[index]),
                conv_b_kernel_size=kernels_b[index],
                conv_b_stride=(strides_t[index], strides_xy[index], strides_xy[index]),
                conv_b_padding=dilated_half(kernels_b[index], dilations[index]),
                conv_b_num_groups=groups[index],
                conv_b_dilation=dilations[index],
                conv_b=stage_conv_b,
                norm=norm,
                norm_eps=norm_eps,
                norm_momentum=norm_momentum,
                activation=activation,
            )
        )
        dim_in, dim_out = dim_out, dim_out * 2
    if head is not None:
        blocks.append(
            head(
                in_features=dim_in,
                out_features=model_num_class,
                pool=head_pool,
                output_size=head_output_size,
                pool_kernel_size=head_pool_kernel_size,
                dropout_rate=dropout_rate,
                activation=head_activation,
                output_with_global_average=head_output_with_global_average,
            )
        )
    return Net(blocks=nn.ModuleList(blocks))
