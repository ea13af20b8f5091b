"""How a value that is given for a parameter is spread over the places of a list."""

from __future__ import annotations

from typing import Any

from ptv_registry._signature import MISSING
from ptv_registry.errors import ArgumentError


def spread(value: Any, template: Any, takes_list: bool, path: str, kind: str) -> list[tuple[Any, Any]] | None:
    """Which value stands in which place of a list, with the default of that place; ``None`` where there is one place.

    One value serves every place of a default that is a list; a list is matched with it item by item. An empty list means
    that there are no such parts by default, and any number of them where they are named.

    Args:
        value: what was given.
        template: the default, or ``MISSING``.
        takes_list: whether a list may stand where the default has one value.
        path, kind: of what is filled, for messages.

    Raises:
        ArgumentError: a list stands where one value must, or has another length than the default.
    """
    is_list, wanted = isinstance(value, tuple | list), isinstance(template, tuple | list)
    if wanted and template:
        if is_list and len(value) != len(template):
            msg = f"{path} takes one {kind} or a list of {len(template)}, not a list of {len(value)}"
            raise ArgumentError(msg)
        return list(zip(value if is_list else [value] * len(template), template, strict=True))
    if not wanted:
        if not is_list:
            return None
        if not takes_list:
            raise ArgumentError(f"{path} takes one {kind}, not a list of {len(value)}")
    return [(item, MISSING) for item in (value if is_list else (value,))]
