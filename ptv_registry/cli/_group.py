"""The group of commands ``ptv``: the kernel's, and those that plugins add when they are asked for."""

from __future__ import annotations

from typing import Any, Final

import click

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
        """As click does; for an unknown command, names a near one and the distribution that has it."""
        from ptv_registry import _suggest

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = _suggest.near(args[0], self.list_commands(ctx)) + _suggest.command_elsewhere(args[0])
            raise click.UsageError(error.message + hint, ctx) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ptv-registry", prog_name="ptv")
def ptv() -> None:
    """Video-understanding components: list, compose, build and lock them."""
