"""The spatiotemporal filters by which VMZ's models differ: each is what stands in the middle of a block.

Blocks call every filter with the same arguments; one that has no norm or activation inside takes them all the same.
Published parameter names number the parts of a filter, so a part that is left out leaves an identity in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from torch import nn

from ptv_cards.variant import variant
from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import make_norm


def create_filter_3d(
    *,
    in_channels: int,
    out_channels: int,
    stride: Sequence[int] = (1, 1, 1),
    inner_channels: int | None = None,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
    kernel_size: Sequence[int] = (3, 3, 3),
) -> nn.Module:
    """Create the filter of R3D: one convolution over time and space.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        stride: (T, H, W).
        inner_channels: not used.
        norm: not used.
        norm_eps: not used.
        norm_momentum: not used.
        activation: not used.
        conv: makes the convolution.
        kernel_size: (T, H, W).
    """
    return _conv(conv, in_channels, out_channels, kernel_size, stride)


create_filter_2d: Final = variant(
    "create_filter_2d",
    create_filter_3d,
    "Create the filter of the later stages of MC3: one convolution over space.",
    row={"kernel_size": (1, 3, 3)},
)


def create_filter_2plus1d(
    *,
    in_channels: int,
    out_channels: int,
    stride: Sequence[int] = (1, 1, 1),
    inner_channels: int | None = None,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> nn.Sequential:
    """Create the filter of R(2+1)D: a convolution over space, norm, activation, a convolution over time.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        stride: (T, H, W).
        inner_channels: channels between the two; ``None`` for as many weights as the one convolution of R3D has.
        norm: makes the norm; ``None`` for none.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for none.
        conv: makes both convolutions.
    """
    inner = balanced_channels(in_channels, out_channels) if inner_channels is None else inner_channels
    return nn.Sequential(
        _conv(conv, in_channels, inner, (1, 3, 3), (1, *stride[1:])),
        make_norm(norm, inner, norm_eps, norm_momentum) or nn.Identity(),
        make_activation(activation) or nn.Identity(),
        _conv(conv, inner, out_channels, (3, 1, 1), (stride[0], 1, 1)),
    )


def create_interaction_reduced_filter(
    *,
    in_channels: int,
    out_channels: int,
    stride: Sequence[int] = (1, 1, 1),
    inner_channels: int | None = None,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> nn.Module:
    """Create the filter of ir-CSN: one convolution that keeps each channel to itself.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, as many.
        stride: (T, H, W).
        inner_channels: not used.
        norm: not used.
        norm_eps: not used.
        norm_momentum: not used.
        activation: not used.
        conv: makes the convolution.

    Raises:
        ArgumentError: if the numbers of channels differ.
    """
    _check_same(in_channels, out_channels)
    return _conv(conv, in_channels, out_channels, (3, 3, 3), stride, groups=in_channels)


def create_interaction_preserved_filter(
    *,
    in_channels: int,
    out_channels: int,
    stride: Sequence[int] = (1, 1, 1),
    inner_channels: int | None = None,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> nn.Sequential:
    """Create the filter of ip-CSN: a convolution of size 1, a norm, a convolution that keeps each channel to itself.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, as many.
        stride: (T, H, W).
        inner_channels: not used.
        norm: makes the norm; ``None`` for none.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: not used.
        conv: makes both convolutions.

    Raises:
        ArgumentError: if the numbers of channels differ.
    """
    _check_same(in_channels, out_channels)
    return nn.Sequential(
        _conv(conv, in_channels, out_channels, (1, 1, 1), (1, 1, 1)),
        make_norm(norm, out_channels, norm_eps, norm_momentum) or nn.Identity(),
        _conv(conv, out_channels, out_channels, (3, 3, 3), stride, groups=out_channels),
    )


def balanced_channels(in_channels: int, out_channels: int) -> int:
    """The channels between two convolutions that together have the weights of one of 3 x 3 x 3."""
    return (in_channels * out_channels * 27) // (in_channels * 9 + 3 * out_channels)


def _check_same(in_channels: int, out_channels: int) -> None:
    if in_channels != out_channels:
        msg = (
            f"a channel-separated filter has as many channels after as before, not {in_channels} and {out_channels}: "
            "use it in bottlenecks (block=vmz_bottleneck)"
        )
        raise ArgumentError(msg)


def _conv(
    conv: Callable[..., nn.Module],
    in_channels: int,
    out_channels: int,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    groups: int = 1,
) -> nn.Module:
    return conv(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=tuple(kernel_size),
        stride=tuple(stride),
        padding=tuple(size // 2 for size in kernel_size),
        bias=False,
        groups=groups,
    )
