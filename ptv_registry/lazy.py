"""Packages whose names are imported at their first use, so that importing the package costs next to nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


def lazy_package(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package; its names are those that it imports ``if TYPE_CHECKING:``.

    A package writes::

        if TYPE_CHECKING:
            from ptv_mine.norm import MyNorm

        __all__ = ["MyNorm"]

        __getattr__, __dir__ = lazy_package(__name__)

    so that type checkers, IDEs and the interpreter read the same lines.

    Args:
        package: its ``__name__``.
    """

    def get(name: str) -> Any:
        if name.startswith("__") or name not in lazy_names(package):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, original = lazy_names(package)[name]
        found = getattr(import_module(module), original)
        setattr(sys.modules[package], name, found)
        return found

    return get, lambda: sorted(lazy_names(package))


@cache
def lazy_names(package: str) -> dict[str, tuple[str, str]]:
    """For each lazy name of an imported package, the module and the name there."""
    import ast
    import inspect

    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for block in ast.parse(inspect.getsource(sys.modules[package])).body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
