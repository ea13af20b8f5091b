"""Transforms in a row."""

from __future__ import annotations

from collections.abc import Sequence

from torchvision.transforms import v2

from ptv_transforms.slots import Transform


class Compose(v2.Compose):
    """Applies transforms one after the other: torchvision's ``Compose``, whose list takes components.

    Args:
        transforms: callables; each gets what the one before returned.
    """

    def __init__(self, transforms: Sequence[Transform]) -> None:
        super().__init__(list(transforms))
