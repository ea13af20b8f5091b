"""Transforms in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms.slots import BuiltTransform


class Compose(nn.Module):
    """Applies transforms one after the other, as torchvision's ``Compose`` does; its list takes components.

    Args:
        transforms: callables; each gets what the one before returned.

    Raises:
        ArgumentError: if none are given, or they are not a list.
    """

    def __init__(self, transforms: Sequence[BuiltTransform]) -> None:
        super().__init__()
        if isinstance(transforms, str) or not isinstance(transforms, Sequence) or not transforms:
            raise ArgumentError(f"transforms is {transforms!r}; it must be a list of at least one transform")
        self.transforms = list(transforms)

    def forward(self, *inputs: Any) -> Any:
        """Takes and returns what the first transform takes and the last one returns."""
        for transform in self.transforms:
            output = transform(*inputs)
            inputs = output if len(inputs) > 1 else (output,)
        return output

    def extra_repr(self) -> str:
        """Shows the transforms."""
        return "\n".join(f"    {transform}" for transform in self.transforms)
