"""SlowFast networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.published_weights import has_weights, published_models
from ptv_cards.roles import ChannelsOfPathways, Classes, HeadWindows, PathwayStride
from ptv_layers.slots import Activation, Block, Fusion, Head, Norm, Pool, Stage, Stem
from ptv_registry.errors import ArgumentError
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import dilated_half, half, per_stage, stage_depths
from ptv_resnet.net import MultiPathWayWithFuse, Net
from ptv_resnet.norm_and_pool import make_pool
from ptv_resnet.stage import Sizes, create_res_stage
from ptv_resnet.stem import create_res_basic_stem
from ptv_slowfast.fusion import create_fast_to_slow_fusion
from ptv_slowfast.pathway import PathwaysFeatures, PathwaysNet, PoolConcatPathway


@has_weights(*published_models("ptv_slowfast")["slowfast"].weights)
@takes_clips(ClipInput(32, 2, alpha=4, train_crop=224))
def create_slowfast(
    *,
    slowfast_channel_reduction_ratio: Sequence[int] | int = (8,),
    slowfast_conv_channel_fusion_ratio: int = 2,
    slowfast_fusion_conv_kernel_size: Sequence[int] = (7, 1, 1),
    slowfast_fusion_conv_stride: PathwayStride = (4, 1, 1),
    fusion_builder: Fusion = None,
    input_channels: ChannelsOfPathways = (3, 3),
    model_depth: int = 50,
    model_num_class: Classes = 400,
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
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    ),
    stage_spatial_strides: Sequence[Sequence[int]] = ((1, 2, 2, 2), (1, 2, 2, 2)),
    stage_temporal_strides: Sequence[Sequence[int]] = ((1, 1, 1, 1), (1, 1, 1, 1)),
    bottleneck: tuple[tuple[Block, ...], ...] = (
        (create_bottleneck_block, create_bottleneck_block, create_bottleneck_block, create_bottleneck_block),
        (create_bottleneck_block, create_bottleneck_block, create_bottleneck_block, create_bottleneck_block),
    ),
    head: Head = create_res_basic_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: HeadWindows = ((8, 7, 7), (32, 7, 7)),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
    stage: Stage = create_res_stage,
    fusion: Fusion = create_fast_to_slow_fusion,
) -> Net:
    """Build a SlowFast network (https://arxiv.org/abs/1812.03982): a slow and a fast pathway, fused into the slow one.

    Arguments in the plural, ``stem_function``, ``stem_pool`` and ``bottleneck`` have one entry for each pathway, the
    slow one first; those named ``stage_...`` and ``bottleneck`` have in each of these one entry for each stage. One
    stem, pool or bottleneck serves all. In ``stage_conv_a_kernel_sizes`` the entry of a stage may itself be a list,
    which its blocks take in turn.

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
        head: makes the head; ``None`` for features instead of scores.
        head_pool: makes the pool of each pathway before the head; ``None`` for no pools.
        head_pool_kernel_sizes: (T, H, W) of each of these pools unless they are adaptive.
        head_output_size: (T, H, W) after adaptive pools.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores over time and space.
        stage: makes each stage.
        fusion: makes each fusion unless ``fusion_builder`` does.

    Returns:
        A network from a list of clips (B, C, T, H, W), one for each pathway, to (B, model_num_class).

    Raises:
        ArgumentError: if the depth is not among the known ones, or an argument has not one entry for each pathway or
            stage, or the stems' channels are not in the ratio.
    """
    depths = stage_depths(model_depth)
    pathways, stages = len(input_channels), len(depths)
    ratios = reduction_ratios(slowfast_channel_reduction_ratio)
    stems = per_stage("stem_function", _spread(stem_function, pathways), pathways)
    pools = per_stage("stem_pool", _spread(stem_pool, pathways), pathways)
    bottlenecks = _grid("bottleneck", _spread(bottleneck, pathways, stages), pathways, stages)
    kernels_a = _grid("stage_conv_a_kernel_sizes", stage_conv_a_kernel_sizes, pathways, stages)
    kernels_b = _grid("stage_conv_b_kernel_sizes", stage_conv_b_kernel_sizes, pathways, stages)
    groups = _grid("stage_conv_b_num_groups", stage_conv_b_num_groups, pathways, stages)
    dilations = _grid("stage_conv_b_dilations", stage_conv_b_dilations, pathways, stages)
    strides_xy = _grid("stage_spatial_strides", stage_spatial_strides, pathways, stages)
    strides_t = _grid("stage_temporal_strides", stage_temporal_strides, pathways, stages)
    stem_kernels = per_stage("stem_conv_kernel_sizes", stem_conv_kernel_sizes, pathways)
    stem_strides = per_stage("stem_conv_strides", stem_conv_strides, pathways)
    pool_kernels = per_stage("stem_pool_kernel_sizes", stem_pool_kernel_sizes, pathways)
    pool_strides = per_stage("stem_pool_strides", stem_pool_strides, pathways)
    _check_widths(stem_dim_outs, ratios, pathways)

    def fuse(dim: int, index: int) -> nn.Module | None:
        if fusion_builder is not None:
            return fusion_builder(fusion_dim_in=dim, stage_idx=index)
        if fusion is None:
            return None
        return fusion(
            fusion_dim_in=dim,
            stage_idx=index,
            slowfast_channel_reduction_ratio=ratios[0],
            conv_fusion_channel_ratio=slowfast_conv_channel_fusion_ratio,
            conv_kernel_size=slowfast_fusion_conv_kernel_size,
            conv_stride=slowfast_fusion_conv_stride,
            norm=norm,
            activation=activation,
            max_stage_idx=stages - 1,
        )

    fused_ratio = 0 if fusion_builder is None and fusion is None else slowfast_conv_channel_fusion_ratio
    stem_modules = [
        stems[pathway](
            in_channels=input_channels[pathway],
            out_channels=stem_dim_outs[pathway],
            conv_kernel_size=stem_kernels[pathway],
            conv_stride=stem_strides[pathway],
            conv_padding=half(stem_kernels[pathway]),
            pool=pools[pathway],
            pool_kernel_size=pool_kernels[pathway],
            pool_stride=pool_strides[pathway],
            pool_padding=half(pool_kernels[pathway]),
            norm=norm,
            activation=activation,
        )
        for pathway in range(pathways)
    ]
    dim_in, dim_out = stem_dim_outs[0], stem_dim_outs[0] * 4
    blocks: list[nn.Module] = [_fused(stem_modules, fuse(dim_in, 0))]
    for index, depth in enumerate(depths):
        dims_in = [dim_in + int(dim_in // ratios[0] * fused_ratio), *(dim_in // ratio for ratio in ratios)]
        dims_out = [dim_out, *(dim_out // ratio for ratio in ratios)]
        stage_modules = [
            stage(
                depth=depth,
                dim_in=dims_in[pathway],
                dim_inner=dims_out[pathway] // 4,
                dim_out=dims_out[pathway],
                bottleneck=bottlenecks[pathway][index],
                conv_a_kernel_size=kernels_a[pathway][index],
                conv_a_stride=(strides_t[pathway][index], 1, 1),
                conv_a_padding=half(kernels_a[pathway][index]),
                conv_b_kernel_size=kernels_b[pathway][index],
                conv_b_stride=(1, strides_xy[pathway][index], strides_xy[pathway][index]),
                conv_b_padding=dilated_half(kernels_b[pathway][index], dilations[pathway][index]),
                conv_b_num_groups=groups[pathway][index],
                conv_b_dilation=dilations[pathway][index],
                norm=norm,
                activation=activation,
            )
            for pathway in range(pathways)
        ]
        blocks.append(_fused(stage_modules, fuse(dim_out, index + 1)))
        dim_in, dim_out = dim_out, dim_out * 2

    head_pools = None
    if head_pool is not None:
        kernels = per_stage("head_pool_kernel_sizes", head_pool_kernel_sizes, pathways)
        head_pools = nn.ModuleList(
            make_pool(head_pool, kernel, (1, 1, 1), (0, 0, 0), head_output_size)  # type: ignore[misc]
            for kernel in kernels
        )
    blocks.append(PoolConcatPathway(retain_list=False, pool=head_pools))
    if head is not None:
        blocks.append(
            head(
                in_features=head_width(stem_dim_outs, ratios, stages),
                out_features=model_num_class,
                pool=None,
                output_size=head_output_size,
                dropout_rate=dropout_rate,
                activation=head_activation,
                output_with_global_average=head_output_with_global_average,
            )
        )
    net = PathwaysFeatures if head is None else PathwaysNet
    return net(blocks=nn.ModuleList(blocks))


def reduction_ratios(ratio: Sequence[int] | int) -> tuple[int, ...]:
    """The ratio of each fast pathway; a single number is that of the only one."""
    return (ratio,) if isinstance(ratio, int) else tuple(ratio)


def head_width(stem_dim_outs: Sequence[int], ratios: Sequence[int], stages: int) -> int:
    """Channels of all pathways together after the last stage."""
    slow = stem_dim_outs[0] * 2 ** (stages + 1)
    return slow + sum(slow // ratio for ratio in ratios)


def _fused(modules: list[nn.Module], fusion: nn.Module | None) -> MultiPathWayWithFuse:
    return MultiPathWayWithFuse(multipathway_blocks=nn.ModuleList(modules), multipathway_fusion=fusion)


def _spread(value: Any, *counts: int) -> Any:
    """One component for all places, or what was given for each."""
    if value is not None and not callable(value):
        return value
    for count in reversed(counts):
        value = (value,) * count
    return value


def _grid(name: str, values: Any, pathways: int, stages: int) -> Sequence[Sequence[Any]]:
    for index, row in enumerate(per_stage(name, values, pathways)):
        per_stage(f"{name}[{index}]", row, stages)
    return values


def _check_widths(stem_dim_outs: Sequence[int], ratios: Sequence[int], pathways: int) -> None:
    per_stage("slowfast_channel_reduction_ratio", ratios, pathways - 1)
    per_stage("stem_dim_outs", stem_dim_outs, pathways)
    for dim, ratio in zip(stem_dim_outs[1:], ratios, strict=True):
        if dim != stem_dim_outs[0] // ratio:
            msg = (
                f"stem_dim_outs is {tuple(stem_dim_outs)}, but slowfast_channel_reduction_ratio is {tuple(ratios)}: a "
                f"fast pathway of ratio {ratio} has {stem_dim_outs[0] // ratio} channels, not {dim}"
            )
            raise ArgumentError(msg)
