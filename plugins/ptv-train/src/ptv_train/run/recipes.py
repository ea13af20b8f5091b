"""Recipes: run files that distributions bring along, in the folder ``recipes`` of their package."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

import ptv_registry
from ptv_registry.errors import ArgumentError

_FOLDER = "recipes"


def run_file_of(text: str) -> Path:
    """The run file that a path means, or a recipe, ``DISTRIBUTION/NAME``.

    Raises:
        ArgumentError: no such file, and no such recipe; the message names those that there are.
    """
    path = Path(text)
    if path.is_file():
        return path
    known = recipes()
    if text in known:
        return known[text]
    near = get_close_matches(text, known, 1)
    hint = f"is {near[0]!r} meant? " if near else ""
    raise ArgumentError(f"no run file {text}, and no such recipe; {hint}There are {', '.join(known) or 'none'}")


def recipes() -> dict[str, Path]:
    """The recipes of all installed distributions that provide components, by name."""
    found: dict[str, Path] = {}
    for dist in sorted({component.dist for component in ptv_registry.components() if component.dist}):
        try:
            folder = files(dist.replace("-", "_")) / _FOLDER
        except (ModuleNotFoundError, TypeError):  # its package has another name, or is none
            continue
        if folder.is_dir():
            names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
            found |= {f"{dist}/{name.removesuffix('.yaml')}": Path(str(folder / name)) for name in names}
    return found
