"""Conversions between pixel types: uint8 is 0 to 255, float 0 to 1."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms.frame_pushdown import Pushdown
from ptv_transforms.functional import div_255
from ptv_transforms.functional.dtype import check_unit_range


class ConvertUint8ToFloat(nn.Module):
    """Converts a clip from uint8, 0 to 255, to float32, 0 to 1. A float clip in that range passes as it is."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns a clip of any shape.

        Raises:
            ArgumentError: if the clip is neither uint8 nor float, or a float clip of 0 to 255.
        """
        if x.dtype == torch.uint8:
            return x.to(torch.float32).mul_(1.0 / 255)  # as torchvision has it: the last bits are not those of div_255
        if not x.is_floating_point():
            raise ArgumentError(f"ConvertUint8ToFloat got a clip of dtype {x.dtype}; it must be uint8 or float")
        check_unit_range(x, "ConvertUint8ToFloat")
        return x

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Converts every frame alike."""
        return Pushdown(rest=self)


class ConvertFloatToUint8(nn.Module):
    """Converts a clip from float, 0 to 1, to uint8, 0 to 255. A uint8 clip passes as it is.

    It undoes :class:`ConvertUint8ToFloat` exactly; values outside [0, 1] are clamped.
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns a clip of any shape.

        Raises:
            ArgumentError: if the clip is neither uint8 nor float, or a float clip of 0 to 255.
        """
        if x.dtype == torch.uint8:
            return x
        if not x.is_floating_point():
            raise ArgumentError(f"ConvertFloatToUint8 got a clip of dtype {x.dtype}; it must be float or uint8")
        check_unit_range(x, "ConvertFloatToUint8")
        # A little less than 256, as torchvision has it: each of the 256 values gets an equal share of [0, 1].
        return x.to(torch.float32).clamp(0.0, 1.0).mul(255.0 + 1.0 - 1e-3).to(torch.uint8)

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Converts every frame alike."""
        return Pushdown(rest=self)


class Div255(nn.Module):
    """Divides pixel values of 0 to 255 by 255; integers become float32."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns a clip of any shape."""
        return div_255(x)

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Divides every frame alike."""
        ours = type(self).forward is Div255.forward
        return Pushdown(rest=self, fresh=ours, by_rows=ours)
