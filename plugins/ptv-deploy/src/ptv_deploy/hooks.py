"""What ptv-deploy answers for: the commands ``export`` and ``bench``."""

from __future__ import annotations

from typing import Any

from ptv_registry import hookimpl


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add the commands."""
    from ptv_deploy import commands

    for command in (commands.export, commands.bench):
        group.add_command(command)
