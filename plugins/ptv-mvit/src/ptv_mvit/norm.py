"""Normalization of tokens, and how a block finds out which layout a norm expects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import torch
from torch import nn
from torch.nn import functional

from ptv_registry import Slot
from ptv_registry.errors import ArgumentError

TokenNorm = Annotated[Callable[..., nn.Module] | str | None, Slot("norm")]

_TAKES_WIDTH_POSITIONALLY = (nn.LayerNorm, nn.RMSNorm)


class TokenLayerNorm(nn.LayerNorm):
    """Layer norm over the channels of tokens (..., C), or of a video (B, C, T, H, W).

    The parameters are those of :class:`torch.nn.LayerNorm`.

    Args:
        num_features: Number of channels.
        eps: Added to the variance; vision transformers use 1e-6.
    """

    channels_last = True

    def __init__(self, num_features: int, eps: float = 1e-6) -> None:
        super().__init__(num_features, eps=eps)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalize ``x``, of the shape of the class description."""
        is_video = x.ndim == 5
        x = x.movedim(1, -1) if is_video else x
        x = functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(-1, 1) if is_video else x


_DOCUMENTED_NAMES: dict[str, type[nn.Module]] = {"layernorm": TokenLayerNorm, "batchnorm": nn.BatchNorm3d}


def norm_by_name(norm: Callable[..., nn.Module] | str | None) -> Callable[..., nn.Module] | None:
    """The norm that the documented words ``"layernorm"`` and ``"batchnorm"`` stand for; anything else as it is."""
    if not isinstance(norm, str):
        return norm
    if norm not in _DOCUMENTED_NAMES:
        words = " or ".join(repr(name) for name in _DOCUMENTED_NAMES)
        msg = f"norm is {norm!r}; pass {words}, or a callable that takes num_features"
        raise ArgumentError(msg, norm=norm)
    return _DOCUMENTED_NAMES[norm]


def build_norm(norm: Callable[..., nn.Module] | None, num_features: int) -> nn.Module | None:
    """Call a norm slot. Torch's own token norms, which do not call their width ``num_features``, are accepted too."""
    if norm is None:
        return None
    torch_class = norm.func if isinstance(norm, partial) else norm
    if torch_class in _TAKES_WIDTH_POSITIONALLY:
        return norm(num_features)
    return norm(num_features=num_features)


def normalizes_tokens(norm: nn.Module | None) -> bool:
    """Whether ``norm`` takes tokens (..., C); other norms take videos (B, C, T, H, W).

    Torch's token norms do, and so does any module with a true attribute ``channels_last``.
    """
    return bool(getattr(norm, "channels_last", type(norm) in _TAKES_WIDTH_POSITIONALLY))
