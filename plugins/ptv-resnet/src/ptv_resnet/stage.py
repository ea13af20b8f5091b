"""The stage of a ResNet: residual blocks in a row."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.slots import Activation, Block, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.block import create_res_block

Sizes = Sequence[int] | Sequence[Sequence[int]]


def create_res_stage(
    *,
    depth: int,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    bottleneck: Block,
    conv_a_kernel_size: Sizes = (3, 1, 1),
    conv_a_stride: Sequence[int] = (2, 1, 1),
    conv_a_padding: Sizes = (1, 0, 0),
    conv_a: Conv = nn.Conv3d,
    conv_b_kernel_size: Sequence[int] = (1, 3, 3),
    conv_b_stride: Sequence[int] = (1, 2, 2),
    conv_b_padding: Sequence[int] = (0, 1, 1),
    conv_b_num_groups: int = 1,
    conv_b_dilation: Sequence[int] = (1, 1, 1),
    conv_b: Conv = nn.Conv3d,
    conv_c: Conv = nn.Conv3d,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    conv_skip: Conv = nn.Conv3d,
    res_block: Block = create_res_block,
) -> ResStage:
    """Create a stage: ``depth`` residual blocks, of which the first changes channels and strides.

    Args:
        depth: number of blocks.
        dim_in: channels of the input.
        dim_inner: channels inside the bottlenecks.
        dim_out: channels of the output.
        bottleneck: makes the residual branch of each block.
        conv_a_kernel_size: (T, H, W) of convolution a, or several of these, which the blocks take in turn.
        conv_a_stride: (T, H, W) of convolution a of the first block.
        conv_a_padding: (T, H, W) of convolution a, or several of these, which the blocks take in turn.
        conv_a: makes convolution a.
        conv_b_kernel_size: (T, H, W) of convolution b.
        conv_b_stride: (T, H, W) of convolution b of the first block.
        conv_b_padding: (T, H, W) of convolution b.
        conv_b_num_groups: channel groups of convolution b.
        conv_b_dilation: (T, H, W) of convolution b.
        conv_b: makes convolution b.
        conv_c: makes convolution c.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation; ``None`` for none.
        conv_skip: makes the convolution of a shortcut.
        res_block: makes each block.

    Returns:
        A stage from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').

    Raises:
        ArgumentError: if ``depth`` is below 1.
    """
    if depth < 1:
        msg = f"depth is {depth}, but a stage has at least 1 block"
        raise ArgumentError(msg)
    kernel_sizes = _in_turn(conv_a_kernel_size, depth)
    paddings = _in_turn(conv_a_padding, depth)
    blocks = [
        res_block(
            dim_in=dim_in if index == 0 else dim_out,
            dim_inner=dim_inner,
            dim_out=dim_out,
            bottleneck=bottleneck,
            conv_a_kernel_size=kernel_sizes[index],
            conv_a_stride=conv_a_stride if index == 0 else (1, 1, 1),
            conv_a_padding=paddings[index],
            conv_a=conv_a,
            conv_b_kernel_size=conv_b_kernel_size,
            conv_b_stride=conv_b_stride if index == 0 else (1, 1, 1),
            conv_b_padding=conv_b_padding,
            conv_b_num_groups=conv_b_num_groups,
            conv_b_dilation=conv_b_dilation,
            conv_b=conv_b,
            conv_c=conv_c,
            conv_skip=conv_skip,
            norm=norm,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            activation_bottleneck=activation,
            activation_block=activation,
        )
        for index in range(depth)
    ]
    return ResStage(res_blocks=nn.ModuleList(blocks))


def _in_turn(sizes: Sizes, depth: int) -> list[Sequence[int]]:
    several = [sizes] if isinstance(sizes[0], int) else list(sizes)
    return [several[index % len(several)] for index in range(depth)]  # type: ignore[misc]


class ResStage(nn.Module):
    """Blocks in a row (residual, non-local, squeeze-excitation, ...); made by :func:`create_res_stage`.

    Args:
        res_blocks: the blocks.
    """

    def __init__(self, res_blocks: nn.ModuleList) -> None:
        super().__init__()
        self.res_blocks = res_blocks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W')."""
        for res_block in self.res_blocks:
            x = res_block(x)
        return x
