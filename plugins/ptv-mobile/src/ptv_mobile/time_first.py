"""Clips with time before channels, (B, T, C, H, W): there every frame is an image, and 2-D operators need no copies."""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

import ptv_layers.swish

_ELEMENTWISE: Final = (nn.ReLU, nn.SiLU, nn.GELU, nn.Hardswish, nn.Sigmoid, nn.Identity, ptv_layers.swish.Swish)


def transposed(x: torch.Tensor) -> torch.Tensor:
    """(B, C, T, H, W) as (B, T, C, H, W), or back."""
    return x.transpose(1, 2)


def time_first(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Apply a module of clips (B, C, T, H, W) to clips (B, T, C, H, W), with its method ``time_first`` if it has one."""
    method = getattr(module, "time_first", None)
    if method is not None:
        return method(x)
    return module(x) if type(module) in _ELEMENTWISE else transposed(module(transposed(x)))


def mean_of_frames(x: torch.Tensor) -> torch.Tensor:
    """The mean (B, C, 1, 1) of clips (B, T, C, H, W), in steps that 2-D runtimes have."""
    means = x.flatten(0, 1).mean((2, 3), keepdim=True).unflatten(0, (-1, x.shape[1]))
    return means.flatten(3).transpose(1, 2).mean((2, 3), keepdim=True)
