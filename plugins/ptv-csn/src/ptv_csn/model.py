"""Channel-separated convolutional networks, https://arxiv.org/abs/1904.02811."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, HeadWindow
from ptv_layers.slots import Activation, Block, Head, Norm, Pool, Stage, Stem
from ptv_registry.errors import ArgumentError
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import half, per_stage, stage_depths
from ptv_resnet.net import Net
from ptv_resnet.stage import create_res_stage
from ptv_resnet.stem import create_res_basic_stem


@takes_clips(ClipInput(32, 2, crop=224))
def create_csn(
    *,
    input_channel: Channels = 3,
    model_depth: int = 50,
    model_num_class: Classes = 400,
    dropout_rate: float = 0,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem_dim_out: int = 64,
    stem_conv_kernel_size: Sequence[int] = (3, 7, 7),
    stem_conv_stride: Sequence[int] = (1, 2, 2),
    stem_pool: Pool = None,
    stem_pool_kernel_size: Sequence[int] = (1, 3, 3),
    stem_pool_stride: Sequence[int] = (1, 2, 2),
    stage_conv_a_kernel_size: Sequence[int] = (1, 1, 1),
    stage_conv_b_kernel_size: Sequence[int] = (3, 3, 3),
    stage_conv_b_width_per_group: int = 1,
    stage_spatial_stride: Sequence[int] = (1, 2, 2, 2),
    stage_temporal_stride: Sequence[int] = (1, 2, 2, 2),
    bottleneck: Block = create_bottleneck_block,
    bottleneck_ratio: int = 4,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: HeadWindow = (1, 7, 7),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
    stem: Stem = create_res_basic_stem,
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
) -> Net:
    """Build a CSN: a ResNet whose spatiotemporal convolutions keep groups of channels to themselves.

    Args:
        input_channel: channels of the clip.
        model_depth: 18 (one block a stage), 50, 101 or 152.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation of stem and stages; ``None`` for none.
        stem_dim_out: channels of the stem's output; the stages put out 4, 8, 16 and 32 times as many.
        stem_conv_kernel_size: (T, H, W) of the stem's convolution.
        stem_conv_stride: (T, H, W) of the stem's convolution.
        stem_pool: makes the stem's pool; ``None`` for no pool.
        stem_pool_kernel_size: (T, H, W) of the stem's pool.
        stem_pool_stride: (T, H, W) of the stem's pool.
        stage_conv_a_kernel_size: (T, H, W) of the first convolution of the bottlenecks.
        stage_conv_b_kernel_size: (T, H, W) of the second convolution of the bottlenecks.
        stage_conv_b_width_per_group: channels in a group of the second convolution; 1 for a depthwise one.
        stage_spatial_stride: stride over height and width, for each stage.
        stage_temporal_stride: stride over time, for each stage.
        bottleneck: makes the residual branches.
        bottleneck_ratio: channels of a bottleneck's output for each channel inside.
        head_pool: makes the head's pool; ``None`` for no pool.
        head_pool_kernel_size: (T, H, W) of the head's pool unless that is adaptive.
        head_output_size: (T, H, W) after an adaptive pool of the head.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores over time and space.
        stem: makes the stem.
        stage: makes each stage.
        head: makes the head; ``None`` for features instead of scores.

    Returns:
        A network from (B, input_channel, T, H, W) to (B, model_num_class).

    Raises:
        ArgumentError: if the depth is not among the known ones, an argument has not one entry for each stage, or the
            channels do not divide as asked.
    """
    depths = stage_depths(model_depth)
    strides_xy = per_stage("stage_spatial_stride", stage_spatial_stride, len(depths))
    strides_t = per_stage("stage_temporal_stride", stage_temporal_stride, len(depths))
    blocks: list[nn.Module] = [
        stem(
            in_channels=input_channel,
            out_channels=stem_dim_out,
            conv_kernel_size=stem_conv_kernel_size,
            conv_stride=stem_conv_stride,
            conv_padding=half(stem_conv_kernel_size),
            pool=stem_pool,
            pool_kernel_size=stem_pool_kernel_size,
            pool_stride=stem_pool_stride,
            pool_padding=half(stem_pool_kernel_size),
            norm=norm,
            activation=activation,
        )
    ]
    dim_in, dim_out = stem_dim_out, stem_dim_out * 4
    for index, depth in enumerate(depths):
        dim_inner = _divided("bottleneck_ratio", dim_out, bottleneck_ratio)
        blocks.append(
            stage(
                depth=depth,
                dim_in=dim_in,
                dim_inner=dim_inner,
                dim_out=dim_out,
                bottleneck=bottleneck,
                conv_a_kernel_size=stage_conv_a_kernel_size,
                conv_a_stride=(1, 1, 1),
                conv_a_padding=half(stage_conv_a_kernel_size),
                conv_b_kernel_size=stage_conv_b_kernel_size,
                conv_b_stride=(strides_t[index], strides_xy[index], strides_xy[index]),
                conv_b_padding=half(stage_conv_b_kernel_size),
                conv_b_num_groups=_divided("stage_conv_b_width_per_group", dim_inner, stage_conv_b_width_per_group),
                norm=norm,
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


def _divided(name: str, channels: int, divisor: int) -> int:
    if divisor < 1 or channels % divisor:
        msg = f"{name} is {divisor}, but must divide the {channels} channels of a stage: use a divisor of them"
        raise ArgumentError(msg)
    return channels // divisor
