"""Checks of numeric arguments."""

from __future__ import annotations

import math
from typing import Any

from ptv_registry.errors import ArgumentError


def check_positive(name: str, value: Any) -> None:
    """Refuse what is not a finite number above 0.

    Raises:
        ArgumentError: it is not.
    """
    if not _is_number(value) or not 0 < value < math.inf:
        raise ArgumentError(f"{name}={value!r} must be a number above 0", argument=name)


def check_not_negative(name: str, value: Any) -> None:
    """Refuse what is not a finite number of at least 0.

    Raises:
        ArgumentError: it is not.
    """
    if not _is_number(value) or not 0 <= value < math.inf:
        raise ArgumentError(f"{name}={value!r} must be a number of at least 0", argument=name)


def check_share(name: str, value: Any) -> None:
    """Refuse what is not a number in [0, 1).

    Raises:
        ArgumentError: it is not.
    """
    if not _is_number(value) or not 0 <= value < 1:
        raise ArgumentError(f"{name}={value!r} must be a share in [0, 1)", argument=name)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
