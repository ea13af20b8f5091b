"""The learned positional encoding of tokens that come from a grid of patches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from ptv_registry.errors import ArgumentError

_INIT_STD: Final = 0.02


class SpatioTemporalClsPositionalEncoding(nn.Module):
    """Put a class token first and add a learned encoding of each token's place in time and space.

    For a grid of patches other than its own the encoding is interpolated (linear in time, bicubic in space; trilinear
    where time and space share one encoding).

    Fan et al.: "Multiscale Vision Transformers", https://arxiv.org/abs/2104.11227

    Args:
        embed_dim: Channels of the tokens.
        patch_embed_shape: Number of patches (T, H, W).
        sep_pos_embed: Whether time and space have an encoding each, which are added, instead of one for every place.
        has_cls: Whether to add a class token.

    Raises:
        ArgumentError: If ``patch_embed_shape`` has not three entries.
    """

    def __init__(
        self,
        embed_dim: int,
        patch_embed_shape: Sequence[int],
        sep_pos_embed: bool = False,
        has_cls: bool = True,
    ) -> None:
        super().__init__()
        if len(patch_embed_shape) != 3:
            msg = f"patch_embed_shape is {patch_embed_shape!r}; pass the number of patches (T, H, W)"
            raise ArgumentError(msg, patch_embed_shape=patch_embed_shape)
        frames, height, width = patch_embed_shape
        self._patch_embed_shape = [int(frames), int(height), int(width)]
        self.cls_embed_on = has_cls
        self.sep_pos_embed = sep_pos_embed
        places = frames * height * width + int(has_cls)
        self.cls_token = _encoding(1, embed_dim) if has_cls else None
        self.pos_embed_spatial = _encoding(height * width, embed_dim) if sep_pos_embed else None
        self.pos_embed_temporal = _encoding(frames, embed_dim) if sep_pos_embed else None
        self.pos_embed_class = _encoding(1, embed_dim) if sep_pos_embed and has_cls else None
        self.pos_embed = None if sep_pos_embed else _encoding(places, embed_dim)

    def patch_embed_shape(self) -> list[int]:
        """The grid of patches (T, H, W) that the encoding was made for."""
        return self._patch_embed_shape

    def forward(self, x: torch.Tensor, thw_shape: list[int] | None = None) -> torch.Tensor:
        """Add the encoding to tokens (B, T*H*W, C); with a class token the result has one token more.

        Args:
            x: Tokens, time slowest and width fastest.
            thw_shape: The grid of patches (T, H, W) that they come from; ``None``: the encoding's own.

        Raises:
            ArgumentError: If the number of tokens is not that of the grid.
        """
        thw = self._patch_embed_shape if thw_shape is None else thw_shape
        if x.shape[1] != thw[0] * thw[1] * thw[2]:
            msg = f"got {x.shape[1]} tokens for a grid of {thw[0]} x {thw[1]} x {thw[2]} patches; pass one token each"
            raise ArgumentError(msg)
        cls_token = self.cls_token
        if cls_token is not None:
            x = torch.cat((cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        spatial, temporal, joint = self.pos_embed_spatial, self.pos_embed_temporal, self.pos_embed
        if joint is not None:
            x = x + self._joint_encoding(joint, thw)
        if spatial is not None and temporal is not None:
            x = x + self._separate_encoding(spatial, temporal, thw)
        return x

    def _joint_encoding(self, joint: torch.Tensor, thw: list[int]) -> torch.Tensor:
        if thw == self._patch_embed_shape:
            return joint
        extra = 1 if self.cls_embed_on else 0
        places = _resized(joint[:, extra:], self._patch_embed_shape, thw, "trilinear")
        return torch.cat((joint[:, :extra], places), dim=1)

    def _separate_encoding(self, spatial: torch.Tensor, temporal: torch.Tensor, thw: list[int]) -> torch.Tensor:
        own = self._patch_embed_shape
        if thw[1:] != own[1:]:
            spatial = _resized(spatial, own[1:], thw[1:], "bicubic")
        if thw[0] != own[0]:
            temporal = _resized(temporal, own[:1], thw[:1], "linear")
        places = (temporal.unsqueeze(2) + spatial.unsqueeze(1)).flatten(1, 2)
        first = self.pos_embed_class
        return places if first is None else torch.cat((first, places), dim=1)


def _encoding(places: int, embed_dim: int) -> nn.Parameter:
    return nn.Parameter(nn.init.trunc_normal_(torch.empty(1, places, embed_dim), std=_INIT_STD))


def _resized(encoding: torch.Tensor, old: list[int], new: list[int], mode: str) -> torch.Tensor:
    grid = encoding.transpose(1, 2).unflatten(2, old)
    return functional.interpolate(grid, size=new, mode=mode, align_corners=False).flatten(2).transpose(1, 2)
