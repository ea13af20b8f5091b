"""Ranges and dtypes of pixel values: uint8 is 0 to 255, float 0 to 1."""

from __future__ import annotations

import torch

from ptv_registry.errors import ArgumentError


def check_unit_range(x: torch.Tensor, receiver: str) -> None:
    """Raises :class:`ArgumentError` if a float clip holds values of 0 to 255; other dtypes pass.

    Args:
        x: a clip of any shape.
        receiver: who asks, for the message.
    """
    if not x.is_floating_point() or x.numel() == 0 or x.is_meta:
        return
    highest = float(x.max().item())
    # 2 leaves room for what interpolation overshoots; a clip of 0 to 255 that stays below is black to the eye.
    if highest > 2.0:
        raise ArgumentError(
            f"{receiver} got a float clip whose largest value is {highest}; float clips are in [0, 1]. Put Div255()"
            " before it, or give it uint8"
        )


def div_255(x: torch.Tensor) -> torch.Tensor:
    """Divides pixel values of 0 to 255 by 255; integers become float32.

    Args:
        x: a clip of any shape and dtype.
    """
    if x.is_floating_point():
        return x / 255.0
    return x.to(torch.float32).div_(255.0)
