"""``set=``: one mapping, nested by argument and index, in which resolution looks up what is set at a place and below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ptv_registry._given import Given
from ptv_registry.errors import ArgumentError, PtvError

Edits = Mapping[str | int, Any]
"""By the name of an argument or the index in a list: the same for what is below; under :data:`HERE` what is set there."""

HERE: Final = ""
_STEP: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[\d{1,6}\])*)\Z")


def read_edits(given: Mapping[str, Any]) -> Edits:
    """The mapping of ``{"stem[1].norm": "group(num_groups=8)"}``.

    Raises:
        ArgumentError: a path is not of the form ``argument[index].argument``.
    """
    edits: dict[str | int, Any] = {}
    for text, value in given.items():
        here = edits
        for step in str(text).split("."):
            match = _STEP.match(step)
            if not match:
                raise ArgumentError(f"set={text!r}: {step!r} is not a step of a path; write it like stem[1].norm")
            for key in (match[1], *map(int, re.findall(r"\d+", match[2]))):
                here = here.setdefault(key, {})
        here[HERE] = Given(value, f"set[{text!r}]")
    return edits


def deeper(edits: Edits) -> Edits:
    """What is set below a place, not at it."""
    return {key: value for key, value in edits.items() if key != HERE}


def of_item(edits: Edits, index: int) -> Edits:
    """What is set at and below one item of a list: what is set of every item, and of this one, which wins."""
    of_all: Edits = {key: value for key, value in edits.items() if isinstance(key, str)}
    return merged(of_all, edits.get(index, {}))


def merged(edits: Edits, winning: Edits) -> Edits:
    """What either sets."""
    both = {key: merged(edits[key], winning[key]) if key != HERE and key in edits else winning[key] for key in winning}
    return {**edits, **both}


def wrong_edit(edits: Edits, complaint: str) -> PtvError:
    """The error about the first thing that is set here or below."""
    while HERE not in edits:
        edits = next(iter(edits.values()))
    given: Given = edits[HERE]
    return given.located(ArgumentError(complaint))
