"""Stems that turn a video or an image into tokens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.slots import Conv


class PatchEmbed(nn.Module):
    """Patches of a video (B, C, T, H, W) or an image (B, C, H, W) as tokens (B, N, C).

    The builder is :func:`create_conv_patch_embed`.

    Args:
        patch_model: Module that gives one feature per patch, channels first.
    """

    def __init__(self, *, patch_model: nn.Module) -> None:
        super().__init__()
        self.patch_model = patch_model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Tokens (B, N, C), time slowest and width fastest."""
        return self.patch_model(x).flatten(2).transpose(1, 2)


def create_conv_patch_embed(
    *,
    in_channels: int,
    out_channels: int,
    conv_kernel_size: Sequence[int] = (1, 16, 16),
    conv_stride: Sequence[int] = (1, 4, 4),
    conv_padding: Sequence[int] = (1, 7, 7),
    conv_bias: bool = True,
    conv: Conv = nn.Conv3d,
) -> nn.Module:
    """Create the patch embedding of a transformer: a strided convolution whose outputs are the tokens.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of a token.
        conv_kernel_size: Kernel of the convolution, (T, H, W), or (H, W) for images.
        conv_stride: Its stride.
        conv_padding: Its padding.
        conv_bias: Whether it has a bias.
        conv: The convolution; ``nn.Conv2d`` for images.
    """
    return PatchEmbed(
        patch_model=conv(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=tuple(conv_kernel_size),
            stride=tuple(conv_stride),
            padding=tuple(conv_padding),
            bias=conv_bias,
        )
    )
