"""Names of parameters in other projects' checkpoints, which plugins know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from importlib_metadata import entry_points

from ptv_registry import Entry

GROUP: Final = "ptv_zoo.v1.names"
"""The entry points of functions that are called with a file's tensors, and names and shapes of a model's state dict.

Each gives the tensors under the model's names, what has no counterpart under its own, or ``None`` if they are none it knows.
"""

Renaming = Callable[[Mapping[str, Any], Mapping[str, tuple[int, ...]]], dict[str, Any] | None]


def renamed(tensors: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any] | None:
    """The tensors as the first plugin names them that knows their names; ``None`` if none does.

    Raises:
        PluginLoadError: a plugin cannot be imported.
    """
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        dist = point.dist
        entry = Entry("names", point.name, point.value, dist and dist.name, dist and dist.version)
        rename: Renaming = entry.load()
        found = rename(tensors, shapes)
        if found is not None:
            return found
    return None
