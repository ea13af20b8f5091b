"""X3D, https://arxiv.org/abs/2004.04730."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, Frames, Pixels
from ptv_layers.activations import Softmax
from ptv_layers.slots import Activation, Block, Head, Norm, Stage, Stem
from ptv_layers.swish import Swish
from ptv_registry.errors import ArgumentError
from ptv_resnet.model import half, per_stage
from ptv_resnet.net import Net
from ptv_x3d.block import create_x3d_bottleneck_block
from ptv_x3d.head import create_x3d_head
from ptv_x3d.stage import create_x3d_res_stage
from ptv_x3d.stem import create_x3d_stem
from ptv_x3d.widths import round_repeats, round_width

STAGE_DEPTHS: Final = (1, 2, 5, 3)
"""Blocks in each stage before the expansion of depth."""


@takes_clips(ClipInput(13, 6, side=182, crop=182, train_crop=160))
def create_x3d(
    *,
    input_channel: Channels = 3,
    input_clip_length: Frames = 13,
    input_crop_size: Pixels = 160,
    model_num_class: Classes = 400,
    dropout_rate: float = 0.5,
    width_factor: float = 2.0,
    depth_factor: float = 2.2,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    stem_dim_in: int = 12,
    stem_conv_kernel_size: Sequence[int] = (5, 3, 3),
    stem_conv_stride: Sequence[int] = (1, 2, 2),
    stage_conv_kernel_size: Sequence[Sequence[int]] = ((3, 3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    stage_spatial_stride: Sequence[int] = (2, 2, 2, 2),
    stage_temporal_stride: Sequence[int] = (1, 1, 1, 1),
    bottleneck: Block = create_x3d_bottleneck_block,
    bottleneck_factor: float = 2.25,
    se_ratio: float = 0.0625,
    inner_act: Activation = Swish,
    head_dim_out: int = 2048,
    head_pool_act: Activation = nn.ReLU,
    head_bn_lin5_on: bool = False,
    head_activation: Activation = Softmax,
    head_output_with_global_average: bool = True,
    stem: Stem = create_x3d_stem,
    stage: Stage = create_x3d_res_stage,
    head: Head = create_x3d_head,
) -> Net:
    """Build an X3D: a stem, four stages of residual blocks, a head, all expanded from one tiny network.

    The head pools windows that cover a clip of ``input_clip_length`` frames of ``input_crop_size`` pixels; its scores
    for a longer or larger clip are the average over all such windows, and a smaller one is refused.

    Args:
        input_channel: channels of the clip.
        input_clip_length: frames of the clip: 4 for XS, 13 for S, 16 for M and L.
        input_crop_size: height and width of the clip in pixels: 160 for XS and S, 224 for M, 312 for L.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        width_factor: expansion of the numbers of channels.
        depth_factor: expansion of the numbers of blocks: 2.2 for XS, S and M, 5 for L.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes the activations of stem and stages but the inner ones; ``None`` for none.
        stem_dim_in: channels of the stem's output before the expansion of width.
        stem_conv_kernel_size: (T, H, W) of the stem's convolutions.
        stem_conv_stride: (T, H, W) of the stem's convolutions.
        stage_conv_kernel_size: (T, H, W) of the depthwise convolutions, for each stage.
        stage_spatial_stride: stride over height and width, for each stage.
        stage_temporal_stride: stride over time, for each stage.
        bottleneck: makes the residual branches.
        bottleneck_factor: channels inside a bottleneck, as a multiple of its output's.
        se_ratio: channels inside squeeze and excitation, as a fraction of the bottleneck's; 0 for no such layer.
        inner_act: makes the activation after each depthwise convolution; ``None`` for none.
        head_dim_out: channels that are classified.
        head_pool_act: makes the activations around the head's pool; ``None`` for none.
        head_bn_lin5_on: put a norm also after the head's pool.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores over time and space.
        stem: makes the stem.
        stage: makes each stage.
        head: makes the head; ``None`` for features instead of scores.

    Returns:
        A network from (B, input_channel, T, H, W) to (B, model_num_class).

    Raises:
        ArgumentError: if an argument has not one entry for each stage, or the clip is smaller than the strides.
    """
    count = len(STAGE_DEPTHS)
    kernels = per_stage("stage_conv_kernel_size", stage_conv_kernel_size, count)
    strides_xy = per_stage("stage_spatial_stride", stage_spatial_stride, count)
    strides_t = per_stage("stage_temporal_stride", stage_temporal_stride, count)
    total_t = stem_conv_stride[0] * math.prod(strides_t)
    total_h, total_w = (stem_conv_stride[axis] * math.prod(strides_xy) for axis in (1, 2))
    _check_at_least("input_clip_length", input_clip_length, total_t)
    _check_at_least("input_crop_size", input_crop_size, max(total_h, total_w))

    dim_in = round_width(stem_dim_in, width_factor)
    blocks: list[nn.Module] = [
        stem(
            in_channels=input_channel,
            out_channels=dim_in,
            conv_kernel_size=stem_conv_kernel_size,
            conv_stride=stem_conv_stride,
            conv_padding=half(stem_conv_kernel_size),
            norm=norm,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            activation=activation,
        )
    ]
    dim_inner, unexpanded = dim_in, stem_dim_in
    for index, depth in enumerate(STAGE_DEPTHS):
        dim_out = round_width(unexpanded, width_factor)
        dim_inner = int(bottleneck_factor * dim_out)
        blocks.append(
            stage(
                depth=round_repeats(depth, depth_factor),
                dim_in=dim_in,
                dim_inner=dim_inner,
                dim_out=dim_out,
                bottleneck=bottleneck,
                conv_kernel_size=kernels[index],
                conv_stride=(strides_t[index], strides_xy[index], strides_xy[index]),
                norm=norm,
                norm_eps=norm_eps,
                norm_momentum=norm_momentum,
                se_ratio=se_ratio,
                activation=activation,
                inner_act=inner_act,
            )
        )
        dim_in, unexpanded = dim_out, round_width(unexpanded, 2.0)
    if head is not None:
        blocks.append(
            head(
                dim_in=dim_in,
                dim_inner=dim_inner,
                dim_out=head_dim_out,
                num_classes=model_num_class,
                pool_act=head_pool_act,
                pool_kernel_size=(
                    input_clip_length // total_t,
                    math.ceil(input_crop_size / total_h),
                    math.ceil(input_crop_size / total_w),
                ),
                norm=norm,
                norm_eps=norm_eps,
                norm_momentum=norm_momentum,
                bn_lin5_on=head_bn_lin5_on,
                dropout_rate=dropout_rate,
                activation=head_activation,
                output_with_global_average=head_output_with_global_average,
            )
        )
    return Net(blocks=nn.ModuleList(blocks))


def _check_at_least(name: str, value: int, stride: int) -> None:
    if value < stride:
        msg = f"{name} is {value}, but the strides multiply to {stride}: use at least that, or smaller strides"
        raise ArgumentError(msg)
