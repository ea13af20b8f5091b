"""Names of other libraries that have no counterpart here: asking for one raises an error that says what to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ptv_registry.errors import PtvError


class RetiredNameError(PtvError, ImportError):
    """A name of another library that is not provided; the message says what to use instead."""


def retired_names(module: str, instead: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module.

    Args:
        module: its ``__name__``.
        instead: what to use instead of each of its names.
    """

    def get(name: str) -> Any:
        if name not in instead:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        raise RetiredNameError(f"{module}.{name} is not provided; use {instead[name]}", name=module)

    return get
