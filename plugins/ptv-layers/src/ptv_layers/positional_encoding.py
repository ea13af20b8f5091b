"""Encodings of the position of a token in its sequence."""

import math

import torch
from torch import nn

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
