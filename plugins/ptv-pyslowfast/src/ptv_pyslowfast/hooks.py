"""What ptv-pyslowfast answers for: the commands below ``ptv pyslowfast``."""

from __future__ import annotations

from typing import Any

from ptv_registry import hookimpl


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add the commands."""
    from ptv_pyslowfast.commands import pyslowfast

    group.add_command(pyslowfast)
