"""The class token of a transformer that needs no encoding of places, because its attention knows distances."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class ClassToken(nn.Module):
    """Put a class token first; Li et al. 2022, https://arxiv.org/abs/2112.01526.

    Args:
        embed_dim: Channels of the tokens.
        patch_embed_shape: Number of patches (T, H, W).
        has_cls: Whether there is a class token; without one the tokens pass unchanged.
    """

    def __init__(self, embed_dim: int, patch_embed_shape: Sequence[int], has_cls: bool = True) -> None:
        super().__init__()
        self._patch_embed_shape = [int(size) for size in patch_embed_shape]
        self.cls_token = (
            nn.Parameter(nn.init.trunc_normal_(torch.empty(1, 1, embed_dim), std=0.02)) if has_cls else None
        )

    def patch_embed_shape(self) -> list[int]:
        """The grid of patches (T, H, W) that the model was made for."""
        return self._patch_embed_shape

    def forward(self, x: torch.Tensor, thw_shape: list[int] | None = None) -> torch.Tensor:
        """Tokens (B, N, C) to (B, N + 1, C), or as they are without a class token; their grid changes nothing."""
        cls_token = self.cls_token
        return x if cls_token is None else torch.cat((cls_token.expand(x.shape[0], -1, -1), x), dim=1)
