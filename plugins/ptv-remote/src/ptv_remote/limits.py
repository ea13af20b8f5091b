"""How much may be downloaded and kept."""

from __future__ import annotations

import os
import re
from typing import Final

from ptv_registry.errors import ArgumentError

GIB: Final = 1 << 30
DOWNLOAD_LIMIT: Final = 16 * GIB
CACHE_LIMIT: Final = 64 * GIB
_UNITS: Final = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]i?)?b?", re.IGNORECASE)


def download_limit() -> int | None:
    """The most bytes that one file may have: ``PTV_DOWNLOAD_LIMIT``, by default 16 GiB; ``None`` without a limit."""
    return _limit("PTV_DOWNLOAD_LIMIT", DOWNLOAD_LIMIT)


def cache_limit() -> int | None:
    """The most bytes of the cache: ``PTV_CACHE_LIMIT``, by default 64 GiB; ``None`` without a limit."""
    return _limit("PTV_CACHE_LIMIT", CACHE_LIMIT)


def as_text(size: int) -> str:
    """A size for people."""
    for unit, name in ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def _limit(variable: str, default: int) -> int | None:
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if text.lower() == "none":
        return None
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ArgumentError(f"{variable}={text!r} is not a size; write a number of bytes, 20GB, 20GiB, or none")
    return int(float(found[1]) * _UNITS[(found[2] or "").lower()])
