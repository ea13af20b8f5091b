"""Self-attention over the valid part of a sequence."""

from __future__ import annotations

import torch
from torch import nn

from ptv_multimodal.masks import checked_mask, padding_to_ignore


class TransposeMultiheadAttention(nn.Module):
    """``nn.MultiheadAttention`` of a sequence with itself, for (B, L, C) instead of (L, B, C).

    Invalid elements are not attended to. In a row without a valid element, all attend to the first.

    Args:
        feature_dim: the dimension C of the elements.
        num_heads: the number of heads, which divides C.
    """

    def __init__(self, feature_dim: int, num_heads: int = 1) -> None:
        super().__init__()
        self._attention = nn.MultiheadAttention(embed_dim=feature_dim, num_heads=num_heads)
        self._attention_weights: torch.Tensor | None = None

    @property
    def attention_weights(self) -> torch.Tensor | None:
        """The weights (B, L, L) of the last forward call, averaged over the heads and without gradient.

        ``None`` before the first one. A compiled or exported module does not record them.
        """
        return self._attention_weights

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Let the elements attend to each other.

        Args:
            x: (B, L, C).
            mask: bool (B, L), False where an element is invalid; ``None`` if all are valid.

        Returns:
            (B, L, C).

        Raises:
            ArgumentError: the input or the mask has another shape, or the mask is not bool.
        """
        ignored = padding_to_ignore(checked_mask(x, mask))
        x = x.transpose(0, 1)
        output, weights = self._attention(x, x, x, key_padding_mask=ignored)
        if not torch.compiler.is_compiling():
            self._attention_weights = weights.detach()
        return output.transpose(0, 1)
