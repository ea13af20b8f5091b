"""A stem."""

from collections.abc import Callable, Sequence
from typing import Annotated

from torch import nn

from ptv_registry import Slot

Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]
Activation = Annotated[Callable[..., nn.Module] | None, Slot("activation")]
Pool = Annotated[Callable[..., nn.Module] | None, Slot("pool")]
Conv = Annotated[Callable[..., nn.Module], Slot("conv")]


def create_mine_stem(
    *,
    in_channels: int,
    out_channels: int,
    conv_kernel_size: Sequence[int] = (3, 7, 7),
    conv_stride: Sequence[int] = (1, 2, 2),
    conv_padding: Sequence[int] = (1, 3, 3),
    pool: Pool = nn.MaxPool3d,
    pool_kernel_size: Sequence[int] = (1, 3, 3),
    pool_stride: Sequence[int] = (1, 2, 2),
    pool_padding: Sequence[int] = (0, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> nn.Module:
    """Two convolutions, of which the first works on each frame and the second on each pixel over time.

    Args:
        in_channels, out_channels: of the clip and of the features.
        conv_kernel_size, conv_stride, conv_padding: (time, height, width).
        pool: makes the pool at the end; ``None`` for none.
        pool_kernel_size, pool_stride, pool_padding: (time, height, width).
        norm: makes the norm; ``None`` for none.
        activation: makes the activation; ``None`` for none.
        conv: makes both convolutions.

    Returns:
        A module from (B, in_channels, T, H, W) to (B, out_channels, T', H', W').
    """
    space = ((1, *size[1:]) for size in (conv_kernel_size, conv_stride))
    kernel, stride = space
    layers = [
        conv(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel,
            stride=stride,
            padding=(0, *conv_padding[1:]),
        ),
        conv(
            in_channels=out_channels,
            out_channels=out_channels,
            kernel_size=(conv_kernel_size[0], 1, 1),
            stride=(conv_stride[0], 1, 1),
            padding=(conv_padding[0], 0, 0),
        ),
    ]
    if norm is not None:
        layers.append(norm(num_features=out_channels))
    if activation is not None:
        layers.append(activation())
    if pool is not None:
        layers.append(pool(kernel_size=tuple(pool_kernel_size), stride=tuple(pool_stride), padding=tuple(pool_padding)))
    return nn.Sequential(*layers)
