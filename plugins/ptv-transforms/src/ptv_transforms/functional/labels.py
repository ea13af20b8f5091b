"""Labels as vectors."""

from __future__ import annotations

import torch

from ptv_registry.errors import ArgumentError


def convert_to_one_hot(targets: torch.Tensor, num_class: int, label_smooth: float = 0.0) -> torch.Tensor:
    """Turns class indices into one-hot vectors, smoothed if asked.

    Args:
        targets: class indices, (B) or (B, 1).
        num_class: number of classes.
        label_smooth: share of the target that is spread evenly over all classes, in [0, 1).

    Returns:
        (B, num_class); of dtype long without smoothing, otherwise of torch's default dtype.

    Raises:
        ArgumentError: if a label is negative or no class, or ``label_smooth`` is out of range.
    """
    if not 0.0 <= label_smooth < 1.0:
        raise ArgumentError(f"label_smooth is {label_smooth}; it must be at least 0 and less than 1")
    flat = targets.long().reshape(-1, 1)
    if flat.numel() > 0 and not flat.is_meta:
        lowest, highest = int(flat.min().item()), int(flat.max().item())
        if lowest < 0 or highest >= num_class:
            raise ArgumentError(
                f"labels range from {lowest} to {highest}; with num_class={num_class} they must be in"
                f" [0, {num_class - 1}]"
            )
    off = label_smooth / num_class
    dtype = torch.long if label_smooth == 0.0 else torch.get_default_dtype()
    vectors = torch.full((flat.shape[0], num_class), 0 if label_smooth == 0.0 else off, dtype=dtype, device=flat.device)
    return vectors.scatter_(1, flat, 1 if label_smooth == 0.0 else 1.0 - label_smooth + off)
