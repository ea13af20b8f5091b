"""The block of R(2+1)D: a bottleneck whose middle convolution is split into time and space."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.convolutions import create_conv_2plus1d
from ptv_layers.slots import Activation, Conv, Norm
from ptv_resnet.bottleneck import BottleneckBlock
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights


def create_2plus1d_bottleneck_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    conv_a_kernel_size: Sequence[int] = (1, 1, 1),
    conv_a_stride: Sequence[int] = (1, 1, 1),
    conv_a_padding: Sequence[int] = (0, 0, 0),
    conv_a: Conv = nn.Conv3d,
    conv_b_kernel_size: Sequence[int] = (3, 3, 3),
    conv_b_stride: Sequence[int] = (2, 2, 2),
    conv_b_padding: Sequence[int] = (1, 1, 1),
    conv_b_num_groups: int = 1,
    conv_b_dilation: Sequence[int] = (1, 1, 1),
    conv_b: Conv = create_conv_2plus1d,
    conv_c: Conv = nn.Conv3d,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
) -> BottleneckBlock:
    """Create a bottleneck with a (2+1)D convolution: convolutions a, b and c, each with its norm.

    Convolution b has a norm and an activation of its own in between its two halves; they are made like the others.
    A convolution b that takes no norm, such as ``nn.Conv3d``, is made without.

    Args:
        dim_in: channels of the input.
        dim_inner: channels inside the bottleneck.
        dim_out: channels of the output.
        conv_a_kernel_size: (T, H, W) of convolution a.
        conv_a_stride: (T, H, W) of convolution a.
        conv_a_padding: (T, H, W) of convolution a.
        conv_a: makes convolution a.
        conv_b_kernel_size: (T, H, W) of convolution b.
        conv_b_stride: (T, H, W) of convolution b.
        conv_b_padding: (T, H, W) of convolution b.
        conv_b_num_groups: channel groups of convolution b; a (2+1)D one has 1.
        conv_b_dilation: (T, H, W) of convolution b; of a (2+1)D one (1, 1, 1).
        conv_b: makes convolution b.
        conv_c: makes convolution c, of size 1.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation; ``None`` for none.

    Returns:
        A block from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').

    Raises:
        ArgumentError: if convolution b does not support the groups or the dilation.
    """
    inside_b = {"norm": norm, "norm_eps": norm_eps, "norm_momentum": norm_momentum, "activation": activation}
    block = BottleneckBlock(
        conv_a=conv_a(
            in_channels=dim_in,
            out_channels=dim_inner,
            kernel_size=tuple(conv_a_kernel_size),
            stride=tuple(conv_a_stride),
            padding=tuple(conv_a_padding),
            bias=False,
        ),
        norm_a=make_norm(norm, dim_inner, norm_eps, norm_momentum),
        act_a=make_activation(activation),
        conv_b=conv_b(
            in_channels=dim_inner,
            out_channels=dim_inner,
            kernel_size=tuple(conv_b_kernel_size),
            stride=tuple(conv_b_stride),
            padding=tuple(conv_b_padding),
            bias=False,
            groups=conv_b_num_groups,
            dilation=tuple(conv_b_dilation),
            **_taken_by(conv_b, inside_b),
        ),
        norm_b=make_norm(norm, dim_inner, norm_eps, norm_momentum),
        act_b=make_activation(activation),
        conv_c=conv_c(
            in_channels=dim_inner,
            out_channels=dim_out,
            kernel_size=(1, 1, 1),
            stride=(1, 1, 1),
            padding=(0, 0, 0),
            bias=False,
        ),
        norm_c=make_norm(norm, dim_out, norm_eps, norm_momentum),
    )
    return init_resnet_weights(block)


def _taken_by(conv: Callable[..., nn.Module], arguments: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(conv).parameters
    return {name: value for name, value in arguments.items() if name in parameters}
