"""ResNets for clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, HeadWindow
from ptv_layers.slots import Activation, Head, Norm, Pool, Stage, Stem
from ptv_registry import Slot
from ptv_registry.errors import ArgumentError
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.net import Net
from ptv_resnet.stage import Sizes, create_res_stage
from ptv_resnet.stem import create_res_basic_stem

STAGE_DEPTHS: Final = {18: (1, 1, 1, 1), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each stage, by depth of the model."""

_Builder = Callable[..., nn.Module]
StageBlocks = Annotated[_Builder | Sequence[_Builder], Slot("block", many=True)]
"""One block for all stages, or a list with one for each."""


@takes_clips(ClipInput(4, 16, train_crop=224))
def create_resnet(
    *,
    input_channel: Channels = 3,
    model_depth: int = 50,
    model_num_class: Classes = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem_dim_out: int = 64,
    stem_conv_kernel_size: Sequence[int] = (3, 7, 7),
    stem_conv_stride: Sequence[int] = (1, 2, 2),
    stem_pool: Pool = nn.MaxPool3d,
    stem_pool_kernel_size: Sequence[int] = (1, 3, 3),
    stem_pool_stride: Sequence[int] = (1, 2, 2),
    stem: Stem = create_res_basic_stem,
    stage1_pool: Pool = None,
    stage1_pool_kernel_size: Sequence[int] = (2, 1, 1),
    stage_conv_a_kernel_size: Sizes | Sequence[Sizes] = ((1, 1, 1), (1, 1, 1), (3, 1, 1), (3, 1, 1)),
    stage_conv_b_kernel_size: Sizes = ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 3, 3)),
    stage_conv_b_num_groups: Sequence[int] = (1, 1, 1, 1),
    stage_conv_b_dilation: Sizes = ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    stage_spatial_h_stride: Sequence[int] = (1, 2, 2, 2),
    stage_spatial_w_stride: Sequence[int] = (1, 2, 2, 2),
    stage_temporal_stride: Sequence[int] = (1, 1, 1, 1),
    bottleneck: StageBlocks = create_bottleneck_block,
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: HeadWindow = (4, 7, 7),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
    stage: Stage = create_res_stage,
) -> Net:
    """Build a ResNet for clips: a stem, four stages of residual blocks, a head.

    Arguments named ``stage_...`` have one entry for each stage; the sizes among them may also be a single (T, H, W).
    In ``stage_conv_a_kernel_size`` the entry of a stage may itself be a list, which its blocks take in turn.

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
        stem: makes the stem.
        stage1_pool: makes a pool after the first stage; ``None`` for no pool.
        stage1_pool_kernel_size: (T, H, W), both size and stride of that pool.
        stage_conv_a_kernel_size: sizes of the first convolution of the bottlenecks.
        stage_conv_b_kernel_size: sizes of the second convolution of the bottlenecks.
        stage_conv_b_num_groups: channel groups of the second convolution; more than 1 for a ResNeXt.
        stage_conv_b_dilation: dilations of the second convolution.
        stage_spatial_h_stride: strides over height.
        stage_spatial_w_stride: strides over width.
        stage_temporal_stride: strides over time.
        bottleneck: makes the residual branches; one for all stages or one for each.
        head: makes the head; ``None`` for features instead of scores.
        head_pool: makes the head's pool; ``None`` for no pool.
        head_pool_kernel_size: (T, H, W) of the head's pool unless that is adaptive.
        head_output_size: (T, H, W) after an adaptive pool of the head.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores over time and space.
        stage: makes each stage.

    Returns:
        A network from (B, input_channel, T, H, W) to (B, model_num_class).

    Raises:
        ArgumentError: if the depth is not among the known ones or an argument has not one entry for each stage.
    """
    depths = stage_depths(model_depth)
    count = len(depths)
    kernels_a = per_stage("stage_conv_a_kernel_size", _spread(stage_conv_a_kernel_size, count), count)
    kernels_b = per_stage("stage_conv_b_kernel_size", _spread(stage_conv_b_kernel_size, count), count)
    dilations = per_stage("stage_conv_b_dilation", _spread(stage_conv_b_dilation, count), count)
    groups = per_stage("stage_conv_b_num_groups", stage_conv_b_num_groups, count)
    strides_t = per_stage("stage_temporal_stride", stage_temporal_stride, count)
    strides_h = per_stage("stage_spatial_h_stride", stage_spatial_h_stride, count)
    strides_w = per_stage("stage_spatial_w_stride", stage_spatial_w_stride, count)
    bottlenecks = per_stage("bottleneck", [bottleneck] * count if callable(bottleneck) else bottleneck, count)

    blocks = [
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
        blocks.append(
            stage(
                depth=depth,
                dim_in=dim_in,
                dim_inner=dim_out // 4,
                dim_out=dim_out,
                bottleneck=bottlenecks[index],
                conv_a_kernel_size=kernels_a[index],
                conv_a_stride=(strides_t[index], 1, 1),
                conv_a_padding=half(kernels_a[index]),
                conv_b_kernel_size=kernels_b[index],
                conv_b_stride=(1, strides_h[index], strides_w[index]),
                conv_b_padding=dilated_half(kernels_b[index], dilations[index]),
                conv_b_num_groups=groups[index],
                conv_b_dilation=dilations[index],
                norm=norm,
                activation=activation,
            )
        )
        dim_in, dim_out = dim_out, dim_out * 2
        if index == 0 and stage1_pool is not None:
            blocks.append(
                stage1_pool(
                    kernel_size=tuple(stage1_pool_kernel_size),
                    stride=tuple(stage1_pool_kernel_size),
                    padding=(0, 0, 0),
                )
            )
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


def stage_depths(model_depth: int) -> tuple[int, ...]:
    """The number of blocks in each stage of a model of this depth.

    Raises:
        ArgumentError: if the depth is not among the known ones.
    """
    if model_depth not in STAGE_DEPTHS:
        msg = f"model_depth is {model_depth!r}; use one of {', '.join(map(str, STAGE_DEPTHS))}"
        raise ArgumentError(msg)
    return STAGE_DEPTHS[model_depth]


def per_stage(name: str, values: Sequence[Any], count: int) -> Sequence[Any]:
    """The values, validated to be ``count`` many.

    Raises:
        ArgumentError: names the argument and both counts.
    """
    if len(values) != count:
        msg = f"{name} has {len(values)} entries, {values!r}, but must have {count}"
        raise ArgumentError(msg)
    return values


def half(sizes: Any) -> Any:
    """The padding that keeps the size under kernels of these (nested) sizes."""
    return sizes // 2 if isinstance(sizes, int) else tuple(half(size) for size in sizes)


def dilated_half(kernel_size: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """The padding that keeps the size under a kernel of this size and dilation."""
    return tuple(d * (k // 2) for k, d in zip(kernel_size, dilation, strict=True))


def _spread(sizes: Any, count: int) -> Sequence[Any]:
    return [sizes] * count if isinstance(sizes[0], int) else sizes
