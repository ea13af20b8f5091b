"""The stems of VMZ's models; published parameter names number their parts."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm, Pool
from ptv_resnet.norm_and_pool import make_norm, make_pool


def create_vmz_stem(
    *,
    in_channels: int = 3,
    out_channels: int = 64,
    use_pool1: bool = False,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
    pool: Pool = nn.MaxPool3d,
) -> nn.Sequential:
    """Create a stem: convolution of 3 x 7 x 7, norm, activation and, where asked for, pool.

    Args:
        in_channels: channels of the clip.
        out_channels: channels of the stem's output.
        use_pool1: end with a pool that halves height and width.
        norm: makes the norm; ``None`` for none.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for none.
        conv: makes the convolution.
        pool: makes the pool of ``use_pool1``; ``None`` for none.
    """
    return nn.Sequential(
        _conv(conv, in_channels, out_channels, (3, 7, 7), (1, 2, 2)),
        make_norm(norm, out_channels, norm_eps, norm_momentum) or nn.Identity(),
        make_activation(activation) or nn.Identity(),
        *_pool1(pool, use_pool1),
    )


def create_vmz_2plus1d_stem(
    *,
    in_channels: int = 3,
    out_channels: int = 64,
    inner_channels: int = 45,
    use_pool1: bool = False,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
    pool: Pool = nn.MaxPool3d,
) -> nn.Sequential:
    """Create the stem of R(2+1)D: convolutions over space and over time, each with norm and activation; then the pool.

    Args:
        in_channels: channels of the clip.
        out_channels: channels of the stem's output.
        inner_channels: channels between the two convolutions.
        use_pool1: end with a pool that halves height and width.
        norm: makes the norms; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes the activations; ``None`` for none.
        conv: makes the convolutions.
        pool: makes the pool of ``use_pool1``; ``None`` for none.
    """
    return nn.Sequential(
        _conv(conv, in_channels, inner_channels, (1, 7, 7), (1, 2, 2)),
        make_norm(norm, inner_channels, norm_eps, norm_momentum) or nn.Identity(),
        make_activation(activation) or nn.Identity(),
        _conv(conv, inner_channels, out_channels, (3, 1, 1), (1, 1, 1)),
        make_norm(norm, out_channels, norm_eps, norm_momentum) or nn.Identity(),
        make_activation(activation) or nn.Identity(),
        *_pool1(pool, use_pool1),
    )


def _conv(
    conv: Conv, in_channels: int, out_channels: int, kernel_size: Sequence[int], stride: Sequence[int]
) -> nn.Module:
    return conv(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=tuple(kernel_size),
        stride=tuple(stride),
        padding=tuple(size // 2 for size in kernel_size),
        bias=False,
    )


def _pool1(pool: Pool, use_pool1: bool) -> list[nn.Module]:
    made = make_pool(pool, (1, 3, 3), (1, 2, 2), (0, 1, 1)) if use_pool1 else None
    return [] if made is None else [made]
