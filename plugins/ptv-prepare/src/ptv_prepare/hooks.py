"""What ptv-prepare answers for: the commands ``prepare`` and ``scan``."""

from __future__ import annotations

from typing import Any

from ptv_registry import hookimpl


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add the commands."""
    from ptv_prepare import commands

    for command in (commands.prepare, commands.scan):
        group.add_command(command)
