"""The ``ptv`` command. Plugins add commands with the hook ``ptv_add_commands``; what those share is in ``options``."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any, Final

import click

from ptv_registry.cli._group import INTERRUPTED, Commands, ptv
from ptv_registry.errors import PtvError, PtvWarning

__all__ = ["INTERRUPTED", "Commands", "main", "ptv"]


def _show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    if issubclass(category, PtvWarning):
        click.echo(f"Warning: {message}", err=True)
    else:
        _show_with_place(message, category, *place, **more)


_show_with_place: Final = warnings.showwarning


def main() -> None:
    """Entry point: errors raised on purpose end in a message and status 1; ``PTV_TRACEBACK=1`` shows where.

    Warnings given on purpose are a line on standard error.
    """
    warnings.showwarning = _show_warning
    try:
        from ptv_registry.cli import _commands  # noqa: F401 - defines the commands

        ptv.main(prog_name="ptv")
    except PtvError as error:
        if os.environ.get("PTV_TRACEBACK") == "1":
            raise
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", []))
        click.echo(f"Error: {error}{notes}", err=True)
        sys.exit(1)
