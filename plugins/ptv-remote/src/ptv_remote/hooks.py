"""What ptv-remote answers for: the commands below ``ptv cache``."""

from __future__ import annotations

from typing import Any

from ptv_registry import hookimpl


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add ``ptv cache``."""
    from ptv_remote.commands import cache

    group.add_command(cache)
