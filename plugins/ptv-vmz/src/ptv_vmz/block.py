"""The residual blocks of VMZ's models, around one or two spatiotemporal filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Layer, Norm
from ptv_resnet.norm_and_pool import make_norm
from ptv_vmz.filters import balanced_channels, create_filter_3d


def create_vmz_basic_block(
    *,
    dim_in: int,
    dim_inner: int,
    expansion: int = 1,
    stride: Sequence[int] = (1, 1, 1),
    filter: Layer = create_filter_3d,
    share_inner_channels: bool = False,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> VMZBlock:
    """Create a block of two filters, added to a shortcut.

    Args:
        dim_in: channels of the input.
        dim_inner: channels after the first filter.
        expansion: channels of the output, as a multiple of ``dim_inner``.
        stride: (T, H, W) of the first filter and of the shortcut.
        filter: makes the spatiotemporal filters.
        share_inner_channels: balance the channels inside both filters on the block's first (torchvision), not each on
            its own (VMZ).
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation; ``None`` for none.
        conv: makes the convolution of the shortcut.
    """
    dim_out = dim_inner * expansion
    inside = _inside(dim_in, dim_inner, share_inner_channels, norm, norm_eps, norm_momentum, activation)

    def normed(channels: int) -> nn.Module:
        return make_norm(norm, channels, norm_eps, norm_momentum) or nn.Identity()

    return VMZBlock(
        conv1=nn.Sequential(
            filter(in_channels=dim_in, out_channels=dim_inner, stride=tuple(stride), **inside),
            normed(dim_inner),
            make_activation(activation) or nn.Identity(),
        ),
        conv2=nn.Sequential(
            filter(in_channels=dim_inner, out_channels=dim_out, stride=(1, 1, 1), **inside), normed(dim_out)
        ),
        activation=make_activation(activation),
        downsample=_shortcut(conv, normed, dim_in, dim_out, stride),
    )


def create_vmz_bottleneck_block(
    *,
    dim_in: int,
    dim_inner: int,
    expansion: int = 4,
    stride: Sequence[int] = (1, 1, 1),
    filter: Layer = create_filter_3d,
    share_inner_channels: bool = False,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> VMZBlock:
    """Create a block of a narrowing convolution, a filter and a widening convolution, added to a shortcut.

    Args:
        dim_in: channels of the input.
        dim_inner: channels of the filter.
        expansion: channels of the output, as a multiple of ``dim_inner``.
        stride: (T, H, W) of the filter and of the shortcut.
        filter: makes the spatiotemporal filter.
        share_inner_channels: balance the channels inside the filter on the block's input, not on the filter's own.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation; ``None`` for none.
        conv: makes the convolutions of size 1.
    """
    dim_out = dim_inner * expansion
    inside = _inside(dim_in, dim_inner, share_inner_channels, norm, norm_eps, norm_momentum, activation)

    def normed(channels: int) -> nn.Module:
        return make_norm(norm, channels, norm_eps, norm_momentum) or nn.Identity()

    return VMZBlock(
        conv1=nn.Sequential(
            _pointwise(conv, dim_in, dim_inner), normed(dim_inner), make_activation(activation) or nn.Identity()
        ),
        conv2=nn.Sequential(
            filter(in_channels=dim_inner, out_channels=dim_inner, stride=tuple(stride), **inside),
            normed(dim_inner),
            make_activation(activation) or nn.Identity(),
        ),
        conv3=nn.Sequential(_pointwise(conv, dim_inner, dim_out), normed(dim_out)),
        activation=make_activation(activation),
        downsample=_shortcut(conv, normed, dim_in, dim_out, stride),
    )


class VMZBlock(nn.Module):
    """Two or three convolutions, each with norm and activation, added to a shortcut.

    Args:
        conv1: the first.
        conv2: the second.
        conv3: the third, or ``None``.
        activation: the activation after the sum, or ``None``.
        downsample: the shortcut; ``None`` for the input itself.
    """

    def __init__(
        self,
        *,
        conv1: nn.Module,
        conv2: nn.Module,
        conv3: nn.Module | None = None,
        activation: nn.Module | None = None,
        downsample: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv1 = conv1
        self.conv2 = conv2
        self.conv3 = conv3
        self.activation = activation
        self.downsample = downsample

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W')."""
        out = self.conv2(self.conv1(x))
        if self.conv3 is not None:
            out = self.conv3(out)
        out = out + (x if self.downsample is None else self.downsample(x))
        return out if self.activation is None else self.activation(out)


def _inside(
    dim_in: int,
    dim_inner: int,
    share_inner_channels: bool,
    norm: Norm,
    norm_eps: float,
    norm_momentum: float,
    activation: Activation,
) -> dict[str, Any]:
    return {
        "inner_channels": balanced_channels(dim_in, dim_inner) if share_inner_channels else None,
        "norm": norm,
        "norm_eps": norm_eps,
        "norm_momentum": norm_momentum,
        "activation": activation,
    }


def _shortcut(
    conv: Conv, normed: Callable[[int], nn.Module], dim_in: int, dim_out: int, stride: Sequence[int]
) -> nn.Module | None:
    if dim_in == dim_out and prod(stride) == 1:
        return None
    return nn.Sequential(_pointwise(conv, dim_in, dim_out, stride), normed(dim_out))


def _pointwise(conv: Conv, in_channels: int, out_channels: int, stride: Sequence[int] = (1, 1, 1)) -> nn.Module:
    return conv(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=(1, 1, 1),
        stride=tuple(stride),
        padding=(0, 0, 0),
        bias=False,
    )
