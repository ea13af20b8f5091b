"""``set=``: edits of a plan by path, as in ``{"stem[1].norm": "group(num_groups=8)"}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from ptv_registry.errors import ArgumentError

_STEP: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[\d{1,6}\])*)\Z")
_Step = tuple[str, tuple[int, ...]]


@frozen
class Edit:
    """One edit, seen from the node at hand.

    Attributes:
        text: the path as it was written.
        name, indices: the argument of this node, and which item of its list.
        rest: the steps below that argument; empty if the argument itself is set.
    """

    text: str
    name: str
    indices: tuple[int, ...]
    rest: tuple[_Step, ...]
    value: Any

    def below(self) -> Edit:
        """The same edit, seen from the node that it passes through."""
        (name, indices), *rest = self.rest
        return Edit(self.text, name, indices, tuple(rest), self.value)


def parse_edits(edits: Mapping[str, Any]) -> list[Edit]:
    """The edits of ``set=``; what is set deeper acts on what was set above it, in whatever order they stand.

    Raises:
        ArgumentError: a path is not of the form ``argument[index].argument``.
    """
    out = []
    for text, value in edits.items():
        steps: list[_Step] = []
        for step in str(text).split("."):
            match = _STEP.match(step)
            if not match:
                raise ArgumentError(f"set={text!r}: {step!r} is no step of a path; write it like stem[1].norm")
            steps.append((match[1], tuple(int(i) for i in re.findall(r"\d+", match[2]))))
        (name, indices), *rest = steps
        out.append(Edit(text, name, indices, tuple(rest), value))
    return out
