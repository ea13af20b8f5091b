"""Clips as batches of frames, which is how 2-D operators see them."""

from __future__ import annotations

import torch


def to_frames(x: torch.Tensor) -> torch.Tensor:
    """(B, C, T, H, W) as (B * T, C, H, W); a view if ``x`` comes from :func:`from_frames`."""
    return x.transpose(1, 2).flatten(0, 1)


def from_frames(x: torch.Tensor, num_frames: int) -> torch.Tensor:
    """(B * T, C, H, W) as (B, C, T, H, W), a view."""
    return x.unflatten(0, (-1, num_frames)).transpose(1, 2)
