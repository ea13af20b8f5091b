"""What ptv-explain answers for: the command ``explain``."""

from __future__ import annotations

from typing import Any

from ptv_registry import hookimpl


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add the command."""
    from ptv_explain.command import explain

    group.add_command(explain)
