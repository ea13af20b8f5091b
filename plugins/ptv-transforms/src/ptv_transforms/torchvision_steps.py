"""What is known of torchvision's transforms, without importing it: one can only be met where it is imported already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

# Each frame alone, without chance, and with the same bits in any company. (Not torchvision's Normalize, which takes the
# frames of a (C, T, H, W) clip for its channels; nor Resize, whose last bits depend on their number.)
_FRAMEWISE: Final = ("CenterCrop", "ConvertImageDtype", "ToDtype", "Identity")


def steps_of(transform: Any) -> list[Callable[[Any], Any]] | None:
    """The steps of a ``Compose`` of torchvision; ``None`` for anything else, or one that runs them in its own way."""
    for module in _imported():
        kind, compose = type(transform), module.Compose
        method = "forward" if hasattr(compose, "forward") else "__call__"
        if isinstance(transform, compose) and getattr(kind, method) is getattr(compose, method):
            return list(transform.transforms)
    return None


def is_framewise(transform: Any) -> bool:
    """Whether it is one of torchvision's that treat each frame alone and without chance."""
    kind = type(transform)
    return any(kind is getattr(module, name, None) for module in _imported() for name in _FRAMEWISE)


def function_of(transform: Any) -> Callable[[Any], Any] | None:
    """The function of a ``Lambda`` of torchvision that is called with whatever comes; ``None`` for anything else."""
    for module in _imported():
        if type(transform) is module.Lambda and getattr(transform, "types", (object,)) == (object,):
            function: Callable[[Any], Any] = transform.lambd
            return function
    return None


def _imported() -> Iterator[ModuleType]:
    for name in ("torchvision.transforms", "torchvision.transforms.v2"):
        if name in sys.modules:
            yield sys.modules[name]
