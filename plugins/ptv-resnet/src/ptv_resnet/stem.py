"""The first layers of a network: convolution, norm, activation and pool, or a patch embedding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm, Pool
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import make_norm, make_pool
from ptv_resnet.weight_init import init_resnet_weights


def create_res_basic_stem(
    *,
    in_channels: int,
    out_channels: int,
    conv_kernel_size: Sequence[int] = (3, 7, 7),
    conv_stride: Sequence[int] = (1, 2, 2),
    conv_padding: Sequence[int] = (1, 3, 3),
    conv_bias: bool = False,
    conv: Conv = nn.Conv3d,
    pool: Pool = nn.MaxPool3d,
    pool_kernel_size: Sequence[int] = (1, 3, 3),
    pool_stride: Sequence[int] = (1, 2, 2),
    pool_padding: Sequence[int] = (0, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
) -> ResNetBasicStem:
    """Create the stem of a ResNet: convolution, norm, activation, pool.

    Args:
        in_channels: channels of the clip.
        out_channels: channels of the stem's output.
        conv_kernel_size: (T, H, W) of the convolution.
        conv_stride: (T, H, W) of the convolution.
        conv_padding: (T, H, W) of the convolution.
        conv_bias: whether the convolution adds a bias.
        conv: makes the convolution.
        pool: makes the pool; ``None`` for no pool.
        pool_kernel_size: (T, H, W) of the pool.
        pool_stride: (T, H, W) of the pool.
        pool_padding: (T, H, W) of the pool.
        norm: makes the norm; ``None`` for no norm.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for no activation.

    Returns:
        A stem from (B, in_channels, T, H, W) to (B, out_channels, T', H', W').
    """
    stem = ResNetBasicStem(
        conv=conv(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=tuple(conv_kernel_size),
            stride=tuple(conv_stride),
            padding=tuple(conv_padding),
            bias=conv_bias,
        ),
        norm=make_norm(norm, out_channels, norm_eps, norm_momentum),
        activation=make_activation(activation),
        pool=make_pool(pool, pool_kernel_size, pool_stride, pool_padding),
    )
    return init_resnet_weights(stem)


def create_acoustic_res_basic_stem(
    *,
    in_channels: int,
    out_channels: int,
    conv_kernel_size: Sequence[int] = (3, 7, 7),
    conv_stride: Sequence[int] = (1, 1, 1),
    conv_padding: Sequence[int] = (1, 3, 3),
    conv_bias: bool = False,
    pool: Pool = nn.MaxPool3d,
    pool_kernel_size: Sequence[int] = (1, 3, 3),
    pool_stride: Sequence[int] = (1, 2, 2),
    pool_padding: Sequence[int] = (0, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> ResNetBasicStem:
    """Create the stem of an audio ResNet: a temporal and a spatial convolution, summed; then norm, activation, pool.

    Args:
        in_channels: channels of the spectrogram.
        out_channels: channels of the stem's output.
        conv_kernel_size: (T, H, W); the temporal convolution takes T, the spatial one H and W.
        conv_stride: (T, H, W) of both convolutions.
        conv_padding: (T, H, W); the temporal convolution takes T, the spatial one H and W.
        conv_bias: whether each convolution adds a bias.
        pool: makes the pool; ``None`` for no pool.
        pool_kernel_size: (T, H, W) of the pool.
        pool_stride: (T, H, W) of the pool.
        pool_padding: (T, H, W) of the pool.
        norm: makes the norm; ``None`` for no norm.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for no activation.
        conv: makes each of the two convolutions.

    Returns:
        A stem from (B, in_channels, T, 1, F) to (B, out_channels, T', 1, F').
    """
    temporal, height, width = conv_kernel_size
    pad_temporal, pad_height, pad_width = conv_padding
    branches = [
        conv(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=tuple(conv_stride),
            padding=padding,
            bias=conv_bias,
        )
        for kernel_size, padding in (
            ((temporal, 1, 1), (pad_temporal, 0, 0)),
            ((1, height, width), (0, pad_height, pad_width)),
        )
    ]
    stem = ResNetBasicStem(
        conv=_SummedConvs(branches),
        norm=make_norm(norm, out_channels, norm_eps, norm_momentum),
        activation=make_activation(activation),
        pool=make_pool(pool, pool_kernel_size, pool_stride, pool_padding),
    )
    return init_resnet_weights(stem)


def create_conv_patch_embed(
    *,
    in_channels: int,
    out_channels: int,
    conv_kernel_size: Sequence[int] = (1, 16, 16),
    conv_stride: Sequence[int] = (1, 4, 4),
    conv_padding: Sequence[int] = (1, 7, 7),
    conv_bias: bool = True,
    conv: Conv = nn.Conv3d,
) -> PatchEmbed:
    """Create the patch embedding of a vision transformer: one convolution, whose positions become tokens.

    Args:
        in_channels: channels of the clip or image.
        out_channels: width of a token.
        conv_kernel_size: size of a patch, (T, H, W) or (H, W).
        conv_stride: stride between patches.
        conv_padding: padding around the input.
        conv_bias: whether the convolution adds a bias.
        conv: makes the convolution; of two dimensions for images.

    Returns:
        An embedding from (B, in_channels, [T,] H, W) to (B, tokens, out_channels).
    """
    patch_model = conv(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=tuple(conv_kernel_size),
        stride=tuple(conv_stride),
        padding=tuple(conv_padding),
        bias=conv_bias,
    )
    return PatchEmbed(patch_model=patch_model)


class ResNetBasicStem(nn.Module):
    """A convolution, then a norm, an activation and a pool where given; made by :func:`create_res_basic_stem`.

    Args:
        conv: the convolution.
        norm: the norm.
        activation: the activation.
        pool: the pool.

    Raises:
        ArgumentError: if no convolution is given.
    """

    def __init__(
        self,
        *,
        conv: nn.Module | None = None,
        norm: nn.Module | None = None,
        activation: nn.Module | None = None,
        pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if conv is None:
            msg = "conv is None, but a stem needs a convolution: pass a module such as nn.Conv3d(3, 64, (1, 7, 7))"
            raise ArgumentError(msg)
        self.conv = conv
        self.norm = norm
        self.activation = activation
        self.pool = pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W')."""
        x = self.conv(x)
        if self.norm is not None:
            x = self.norm(x)
        if self.activation is not None:
            x = self.activation(x)
        if self.pool is not None:
            x = self.pool(x)
        return x


class _SummedConvs(nn.Module):
    """Convolutions side by side whose outputs are added."""

    def __init__(self, convs: Sequence[nn.Module]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(convs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([conv(x) for conv in self.convs]).sum(dim=0)


class PatchEmbed(nn.Module):
    """Tokens from patches of a clip or image; made by :func:`create_conv_patch_embed`.

    Args:
        patch_model: maps (B, C, [T,] H, W) to (B, C', [T',] H', W').

    Raises:
        ArgumentError: if no patch model is given.
    """

    def __init__(self, *, patch_model: nn.Module | None = None) -> None:
        super().__init__()
        if patch_model is None:
            msg = "patch_model is None: pass a module such as nn.Conv3d(3, 96, (3, 7, 7), stride=(2, 4, 4))"
            raise ArgumentError(msg)
        self.patch_model = patch_model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, [T,] H, W) to tokens (B, T'H'W', C')."""
        return self.patch_model(x).flatten(2).transpose(1, 2)
