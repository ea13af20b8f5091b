"""Addresses as messages and records show them: without passwords and signatures."""

from __future__ import annotations

import re
from typing import Any, Final

HIDDEN: Final = "***"
"""What stands for a secret."""
_PASSWORD: Final = re.compile(r"(?<=://)([^\s/?#:]*):([^\s/?#]*)@")
#: A password with a bare ``/``, ``?`` or ``#``: what precedes it is not a host with a port.
_ODD_PASSWORD: Final = re.compile(r"(?<=://)([^\s/?#:@]*):(?!\d*(?:[/?#]|\s|$))([^\s@]*)@")
_SECRET: Final = re.compile(
    r"([?&](?:[\w-]*(?:signature|credential|token|secret|password|passwd|apikey|api[_-]key)|sig|key|auth)=)"
    r"[^&#\s'\"<>]*[^&#\s'\"<>:;,.)\]}]",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """The text with the passwords of URLs, and what signs them in their queries, replaced by ``***``."""
    if "://" not in text:
        return text
    if "@" in text:
        text = _PASSWORD.sub(rf"\1:{HIDDEN}@", text)
        text = _ODD_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    return _SECRET.sub(rf"\1{HIDDEN}", text) if "=" in text else text


def record_without_secrets(data: Any) -> Any:
    """As :func:`without_secrets`, of every text in a record of dictionaries and lists."""
    if isinstance(data, str):
        return without_secrets(data)
    if isinstance(data, dict):
        return {record_without_secrets(key): record_without_secrets(value) for key, value in data.items()}
    return [record_without_secrets(item) for item in data] if isinstance(data, list | tuple) else data
