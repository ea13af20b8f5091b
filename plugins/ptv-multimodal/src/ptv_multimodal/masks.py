"""Checks of masks."""

from __future__ import annotations

import torch

from ptv_registry.errors import ArgumentError


def checked_mask(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """The mask of a batch of sequences (B, L, C): bool (B, L), False where an element is invalid.

    Args:
        x: the sequences.
        mask: their mask; ``None`` if every element is valid.

    Raises:
        ArgumentError: ``x`` has not three dimensions, or the mask is not bool or not (B, L).
    """
    if x.dim() != 3:
        msg = f"the input has shape {tuple(x.shape)}, but must be (batch_size, seq_len, feature_dim)"
        raise ArgumentError(msg, argument="x", value=tuple(x.shape))
    if mask is None:
        return torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
    if mask.dtype != torch.bool or mask.shape != x.shape[:2]:
        msg = (
            f"the mask is {mask.dtype} of shape {tuple(mask.shape)}, but must be torch.bool of shape "
            f"{tuple(x.shape[:2])}, that of the input without its features: False marks an invalid element"
        )
        raise ArgumentError(msg, argument="mask", value=tuple(mask.shape))
    return mask


def padding_to_ignore(mask: torch.Tensor) -> torch.Tensor:
    """The key padding mask (B, L) of an attention, True where an element is ignored.

    A row without a valid element keeps its first one: attention over nothing would be NaN.
    """
    keep_first = torch.zeros_like(mask)
    keep_first[:, 0] = ~mask.any(dim=1)
    return ~(mask | keep_first)
