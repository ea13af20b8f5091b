"""A transformer over the valid part of a sequence."""

from __future__ import annotations

import torch
from torch import nn

from ptv_multimodal.masks import checked_mask, padding_to_ignore


class TransposeTransformerEncoder(nn.Module):
    """``nn.TransformerEncoder`` for (B, L, C) instead of (L, B, C), which returns its first valid element.

    Invalid elements are not attended to. A row without a valid element is what its first one alone would be.

    Args:
        dim_in: the dimension C of the elements.
        num_heads: the number of heads of each layer, which divides C.
        num_layers: the number of layers.
    """

    def __init__(self, dim_in: int, num_heads: int = 1, num_layers: int = 1) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(dim_in, num_heads)
        self.encoder = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)

    def forward(self, data: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Encode ``data``.

        Args:
            data: (B, L, C).
            mask: bool (B, L), False where an element is invalid; ``None`` if all are valid.

        Returns:
            (B, C).

        Raises:
            ArgumentError: the input or the mask has another shape, or the mask is not bool.
        """
        mask = checked_mask(data, mask)
        encoded = self.encoder(src=data.transpose(0, 1), src_key_padding_mask=padding_to_ignore(mask))
        first_valid = mask.int().argmax(dim=1)
        return encoded[first_valid, torch.arange(len(data), device=data.device)]
