"""Suggestions for a name that nothing provides."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path


def near(name: str, candidates: Iterable[str]) -> str:
    """ " Did you mean ...?", or nothing."""
    matches = get_close_matches(name, list(candidates), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(matches)}?" if matches else ""


def listed(names: Iterable[str], most: int = 24) -> str:
    """The names in order, shortened to a readable list."""
    ordered = sorted(names)
    rest = f", ... ({len(ordered) - most} more)" if len(ordered) > most else ""
    return (", ".join(ordered[:most]) + rest) or "none"


@cache
def known_elsewhere() -> dict[str, str]:
    """``kind:name``, and ``command:name`` of the ``ptv`` command, to the distribution of this project that provides it,
    installed or not.

    Generated from the entry points of the repository by ``tests/kernel/test_known_components.py --write``.
    """
    text = (Path(__file__).parent / "known_components.json").read_text(encoding="utf-8")
    return json.loads(text)


def command_elsewhere(name: str) -> str:
    """ " It is provided by ...", for a command of a distribution of this project that is not installed or did not load."""
    dist = known_elsewhere().get(f"command:{name}")
    if dist is None:
        return ""
    from importlib_metadata import PackageNotFoundError, version

    try:
        version(dist)
    except PackageNotFoundError:
        return f" It is provided by {dist!r}, which is not installed: pip install {dist}"
    return f" It is provided by {dist!r}, whose commands did not load: `ptv doctor` says why"
