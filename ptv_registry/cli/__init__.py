"""The ``ptv`` command."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any, Final

import click

from ptv_registry.errors import PtvError, PtvWarning

INTERRUPTED: Final = 130
"""The exit status after Ctrl-C, 128 + SIGINT."""


class Commands(click.Group):
    """The kernel's commands, and those of plugins, which are loaded only when they are asked for."""

    _plugins_loaded = False

    def load_plugins(self) -> None:
        """Let plugins add their commands (hook ``ptv_add_commands``)."""
        if not self._plugins_loaded:
            self._plugins_loaded = True
            from ptv_registry import _hooks

            _hooks.call_each("ptv_add_commands", group=self)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, from the kernel or a plugin."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            self.load_plugins()
            found = super().get_command(ctx, cmd_name)
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, those of plugins too."""
        self.load_plugins()
        return super().list_commands(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does; Ctrl-C ends with the status that shells give it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does, with a near name when there is none."""
        from ptv_registry import _suggest

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(error.message + _suggest.near(args[0], self.list_commands(ctx)), ctx) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ptv-registry", prog_name="ptv")
def ptv() -> None:
    """Video-understanding components: list, compose, build and lock them."""


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
