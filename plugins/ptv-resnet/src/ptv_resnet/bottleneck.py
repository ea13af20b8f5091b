"""Bottlenecks: the residual branch of a block, three convolutions that narrow, filter and widen."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights


def create_bottleneck_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    conv_a_kernel_size: Sequence[int] = (3, 1, 1),
    conv_a_stride: Sequence[int] = (2, 1, 1),
    conv_a_padding: Sequence[int] = (1, 0, 0),
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
) -> BottleneckBlock:
    """Create a bottleneck: convolutions a, b and c, each with its norm, the first two with their activation.

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
        conv_b_num_groups: channel groups of convolution b.
        conv_b_dilation: (T, H, W) of convolution b.
        conv_b: makes convolution b.
        conv_c: makes convolution c, of size 1.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation; ``None`` for none.

    Returns:
        A block from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').
    """
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
        ),
        norm_b=make_norm(norm, dim_inner, norm_eps, norm_momentum),
        act_b=make_activation(activation),
        conv_c=pointwise(conv_c, dim_inner, dim_out),
        norm_c=make_norm(norm, dim_out, norm_eps, norm_momentum),
    )
    return init_resnet_weights(block)


def pointwise(conv: Conv, dim_inner: int, dim_out: int) -> nn.Module:
    """Convolution c of a bottleneck."""
    return conv(
        in_channels=dim_inner,
        out_channels=dim_out,
        kernel_size=(1, 1, 1),
        stride=(1, 1, 1),
        padding=(0, 0, 0),
        bias=False,
    )


class BottleneckBlock(nn.Module):
    """Convolutions a, b and c with their norms and activations; made by :func:`create_bottleneck_block`.

    Args:
        conv_a: convolution a.
        norm_a: norm after convolution a.
        act_a: activation after norm a.
        conv_b: convolution b.
        norm_b: norm after convolution b.
        act_b: activation after norm b.
        conv_c: convolution c.
        norm_c: norm after convolution c; marked as the last one of the block, which :func:`init_resnet_weights`
            starts at zero.

    Raises:
        ArgumentError: if one of the convolutions is missing.
    """

    def __init__(
        self,
        *,
        conv_a: nn.Module | None = None,
        norm_a: nn.Module | None = None,
        act_a: nn.Module | None = None,
        conv_b: nn.Module | None = None,
        norm_b: nn.Module | None = None,
        act_b: nn.Module | None = None,
        conv_c: nn.Module | None = None,
        norm_c: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if conv_a is None or conv_b is None or conv_c is None:
            msg = f"conv_a, conv_b and conv_c are all needed, got {conv_a}, {conv_b}, {conv_c}: pass three modules"
            raise ArgumentError(msg)
        self.conv_a = conv_a
        self.norm_a = norm_a
        self.act_a = act_a
        self.conv_b = conv_b
        self.norm_b = norm_b
        self.act_b = act_b
        self.conv_c = conv_c
        self.norm_c = norm_c
        if norm_c is not None:
            norm_c.block_final_bn = True  # type: ignore[assignment]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W')."""
        # Written out, for TorchScript compiles no function that takes modules.
        x = self.conv_a(x)
        if self.norm_a is not None:
            x = self.norm_a(x)
        if self.act_a is not None:
            x = self.act_a(x)
        x = self.conv_b(x)
        if self.norm_b is not None:
            x = self.norm_b(x)
        if self.act_b is not None:
            x = self.act_b(x)
        x = self.conv_c(x)
        if self.norm_c is not None:
            x = self.norm_c(x)
        return x
