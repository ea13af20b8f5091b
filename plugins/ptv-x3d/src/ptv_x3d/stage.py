"""The stage of X3D: residual blocks in a row, every other one with squeeze and excitation."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_layers.slots import Activation, Block, Norm
from ptv_layers.swish import Swish
from ptv_registry.errors import ArgumentError
from ptv_resnet.stage import ResStage
from ptv_x3d.block import create_x3d_bottleneck_block, create_x3d_res_block


def create_x3d_res_stage(
    *,
    depth: int,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    bottleneck: Block = create_x3d_bottleneck_block,
    conv_kernel_size: Sequence[int] = (3, 3, 3),
    conv_stride: Sequence[int] = (1, 2, 2),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    se_ratio: float = 0.0625,
    activation: Activation = nn.ReLU,
    inner_act: Activation = Swish,
    res_block: Block = create_x3d_res_block,
) -> ResStage:
    """Create a stage of X3D: ``depth`` residual blocks, of which the first changes channels and strides.

    Args:
        depth: number of blocks.
        dim_in: channels of the input.
        dim_inner: channels inside the bottlenecks.
        dim_out: channels of the output.
        bottleneck: makes the residual branch of each block.
        conv_kernel_size: (T, H, W) of the bottlenecks' convolution b.
        conv_stride: (T, H, W) of the first block.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        se_ratio: channels inside squeeze and excitation, as a fraction of ``dim_inner``; 0 for no such layer. The
            first, third, fifth, ... block of a stage has one.
        activation: makes the activations but the bottlenecks' second; ``None`` for none.
        inner_act: makes the bottlenecks' second activation; ``None`` for none.
        res_block: makes each block.

    Returns:
        A stage from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').

    Raises:
        ArgumentError: if ``depth`` is below 1.
    """
    if depth < 1:
        msg = f"depth is {depth}, but a stage has at least 1 block"
        raise ArgumentError(msg)
    blocks = [
        res_block(
            dim_in=dim_in if index == 0 else dim_out,
            dim_inner=dim_inner,
            dim_out=dim_out,
            bottleneck=bottleneck,
            conv_kernel_size=conv_kernel_size,
            conv_stride=conv_stride if index == 0 else (1, 1, 1),
            norm=norm,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            se_ratio=se_ratio if index % 2 == 0 else 0.0,
            activation=activation,
            inner_act=inner_act,
        )
        for index in range(depth)
    ]
    return ResStage(res_blocks=nn.ModuleList(blocks))
