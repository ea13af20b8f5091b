"""Encodings of the position of a token in its sequence."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.sizes import triple
from ptv_registry.errors import ArgumentError


class PositionalEncoding(nn.Module):
    """Adds sines and cosines of the position to a tensor of shape (B, L, C).

    ``PE(pos, 2i) = sin(pos / 10000^(2i/C))`` and ``PE(pos, 2i+1) = cos(pos / 10000^(2i/C))``.

    Vaswani et al.: "Attention Is All You Need", https://arxiv.org/abs/1706.03762

    Args:
        embed_dim: the dimension C of the tokens.
        seq_len: the greatest length L.
    """

    pe: torch.Tensor

    def __init__(self, embed_dim: int, seq_len: int = 1024) -> None:
        super().__init__()
        position = torch.arange(seq_len, dtype=torch.float).unsqueeze(1)
        frequency = torch.exp(torch.arange(0, embed_dim, 2, dtype=torch.float) * (-math.log(10000.0) / embed_dim))
        encoding = torch.zeros(1, seq_len, embed_dim)
        encoding[0, :, 0::2] = torch.sin(position * frequency)
        encoding[0, :, 1::2] = torch.cos(position * frequency[: embed_dim // 2])
        self.register_buffer("pe", encoding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add the encoding to ``x``.

        Raises:
            ArgumentError: the sequence is longer than ``seq_len``.
        """
        if x.shape[1] > self.pe.shape[1]:
            raise ArgumentError(
                f"the sequence has {x.shape[1]} tokens, the encoding {self.pe.shape[1]}: build it with a larger seq_len"
            )
        return x + self.pe[:, : x.shape[1]].to(x.dtype)


class SpatioTemporalClsPositionalEncoding(nn.Module):
    """Prepends a class token to (B, T*H*W, C) and adds a learned encoding of the position in time and space.

    Fan et al.: "Multiscale Vision Transformers", https://arxiv.org/abs/2104.11227

    Args:
        embed_dim: the dimension C of the tokens.
        patch_embed_shape: the number of patches in (T, H, W).
        sep_pos_embed: learn one encoding for the time and one for the space instead of one for each patch.
        has_cls: prepend the class token.

    Raises:
        ArgumentError: ``patch_embed_shape`` is not (T, H, W).
    """

    def __init__(
        self,
        embed_dim: int,
        patch_embed_shape: Sequence[int],
        sep_pos_embed: bool = False,
        has_cls: bool = True,
    ) -> None:
        super().__init__()
        frames, rows, columns = self._patch_embed_shape = triple(patch_embed_shape, "patch_embed_shape")
        self.cls_embed_on = has_cls
        self.sep_pos_embed = sep_pos_embed
        self.num_spatial_patch = rows * columns
        self.num_temporal_patch = frames

        def tokens(number: int, used: bool) -> nn.Parameter | None:
            return nn.Parameter(torch.zeros(1, number, embed_dim)) if used else None

        num_patches = self.num_spatial_patch * self.num_temporal_patch
        self.cls_token = tokens(1, has_cls)
        self.pos_embed_spatial = tokens(self.num_spatial_patch, sep_pos_embed)
        self.pos_embed_temporal = tokens(self.num_temporal_patch, sep_pos_embed)
        self.pos_embed_class = tokens(1, sep_pos_embed and has_cls)
        self.pos_embed = tokens(num_patches + int(has_cls), not sep_pos_embed)

    @torch.jit.export
    def patch_embed_shape(self) -> tuple[int, int, int]:
        """The number of patches in (T, H, W)."""
        return self._patch_embed_shape

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the tokens with their encoding, (B, T*H*W, C), or (B, 1 + T*H*W, C) with a class token.

        Raises:
            ArgumentError: the number of tokens is not that of the patches.
        """
        if x.shape[1] != self.num_spatial_patch * self.num_temporal_patch:
            raise ArgumentError(
                f"got {x.shape[1]} tokens for {self.num_temporal_patch} x {self.num_spatial_patch} patches (T x H*W): "
                "the clip's size is not the one that this encoding was built for"
            )
        if self.cls_token is not None:
            x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        if self.pos_embed is not None:
            return x + self.pos_embed
        return x + self._separate_encoding()

    def _separate_encoding(self) -> torch.Tensor:
        spatial, temporal = self.pos_embed_spatial, self.pos_embed_temporal
        if spatial is None or temporal is None:
            raise ArgumentError("the encoding has neither a joint part nor separate ones")
        encoding = (temporal.unsqueeze(2) + spatial.unsqueeze(1)).flatten(1, 2)
        if self.pos_embed_class is not None:
            encoding = torch.cat((self.pos_embed_class, encoding), dim=1)
        return encoding
