"""Heads of vision transformers."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

from ptv_layers.slots import Activation
from ptv_mvit.mlp import vit_linear
from ptv_registry.errors import ArgumentError


class SequencePool(nn.Module):
    """One embedding (B, C) from a sequence of them (B, N, C).

    Args:
        mode: ``"cls"`` takes the first token, which must be the class token; ``"mean"`` averages all tokens.

    Raises:
        ArgumentError: If the mode is another.
    """

    def __init__(self, mode: Literal["cls", "mean"]) -> None:
        super().__init__()
        if mode not in ("cls", "mean"):
            msg = f"the mode of a sequence pool is {mode!r}; pass 'cls' or 'mean'"
            raise ArgumentError(msg, mode=mode)
        self.mode = mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool ``x`` (B, N, C) to (B, C)."""
        return x[:, 0] if self.mode == "cls" else x.mean(1)

    def extra_repr(self) -> str:
        """The mode, for printing."""
        return self.mode


class VisionTransformerBasicHead(nn.Module):
    """Sequence pool, dropout, projection and activation; each may be absent.

    The builder is :func:`create_vit_basic_head`.

    Args:
        sequence_pool: Turns (B, N, C) into (B, C).
        dropout: Dropout before the projection.
        proj: Projection to the classes.
        activation: Activation after the projection.
    """

    def __init__(
        self,
        sequence_pool: nn.Module | None = None,
        dropout: nn.Module | None = None,
        proj: nn.Module | None = None,
        activation: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.sequence_pool = nn.Identity() if sequence_pool is None else sequence_pool
        self.dropout = nn.Identity() if dropout is None else dropout
        self.proj = nn.Identity() if proj is None else proj
        self.activation = nn.Identity() if activation is None else activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (B, classes) of tokens (B, N, C), or (B, N, classes) without a pool."""
        return self.activation(self.proj(self.dropout(self.sequence_pool(x))))


def create_vit_basic_head(
    *,
    in_features: int,
    out_features: int,
    seq_pool_type: Literal["cls", "mean", "none"] = "cls",
    dropout_rate: float = 0.5,
    activation: Activation = None,
) -> nn.Module:
    """Create the basic head of a vision transformer.

    Args:
        in_features: Channels of the tokens.
        out_features: Number of classes.
        seq_pool_type: ``"cls"``: the class token decides; ``"mean"``: the mean token; ``"none"``: one output per token.
        dropout_rate: Dropout before the projection.
        activation: Activation of the logits; ``None``: none. ``nn.Softmax`` is taken over the classes.

    Raises:
        ArgumentError: If the pool type is another.
    """
    if seq_pool_type not in ("cls", "mean", "none"):
        msg = f"seq_pool_type is {seq_pool_type!r}; pass 'cls', 'mean' or 'none'"
        raise ArgumentError(msg, seq_pool_type=seq_pool_type)
    return VisionTransformerBasicHead(
        sequence_pool=None if seq_pool_type == "none" else SequencePool(seq_pool_type),
        dropout=nn.Dropout(dropout_rate) if dropout_rate > 0.0 else None,
        proj=vit_linear(in_features, out_features),
        activation=_class_activation(activation),
    )


def _class_activation(activation: Activation) -> nn.Module | None:
    if activation is None:
        return None
    # The classes are last whether or not the tokens were pooled.
    return nn.Softmax(dim=-1) if activation is nn.Softmax else activation()
