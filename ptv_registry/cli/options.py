"""What the commands of the kernel and of plugins share: options, and arguments whose values the shell completes.

A plugin's command that takes a component says so in the type, and its names are completed::

    @click.command()
    @click.option("--decoder", type=ComponentName("decoder"))
    @json_option
    def frames(decoder: str | None, as_json: bool) -> None: ...
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from ptv_registry._parser import parse_value
from ptv_registry.errors import ArgumentError, LockError

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
"""``--json``, as the parameter ``as_json``."""

quiet_option: Final = click.option("--quiet", is_flag=True, help="No progress bars.")
"""``--quiet``."""

set_option: Final = click.option(
    "--set", "edits", multiple=True, metavar="PATH=VALUE", help="Set a nested argument, as in --set stem[1].norm=ghost."
)
"""``--set``, as the parameter ``edits``; see :func:`read_edits`."""


class ComponentName(click.ParamType):
    """A component or spec; the shell completes names of components, and files where no name fits.

    Args:
        kind: completes names of this kind; by default those of models, and of all kinds with the kind in front.
        separator: what stands between several of them in one value, where that may be.
    """

    name = "spec"

    def __init__(self, kind: str | None = None, *, separator: str = "") -> None:
        self.kind = kind
        self.separator = separator

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Names as they may be written: ``slowfast``, ``norm:ghost``."""
        from click.shell_completion import CompletionItem

        before, mark, begun = incomplete.rpartition(self.separator) if self.separator else ("", "", incomplete)
        found = {name: help for name, help in self._names(":" in begun).items() if name.startswith(begun)}
        items = [CompletionItem(before + mark + name, help=help) for name, help in sorted(found.items())]
        return items or [CompletionItem(incomplete, type="file")]

    def _names(self, has_kind: bool) -> dict[str, str]:
        from ptv_registry import components

        names = {}
        for entry in components(self.kind):
            bare = not has_kind and entry.kind == (self.kind or "model")
            if bare or self.kind is None:
                names[entry.name if bare else entry.key] = entry.dist or "this process"
        return names


class KindName(click.ParamType):
    """The name of a kind, which the shell completes."""

    name = "kind"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """The names of all kinds."""
        from click.shell_completion import CompletionItem

        from ptv_registry import default_registry

        kinds = default_registry().kinds().items()
        return [CompletionItem(name, help=meaning) for name, meaning in kinds if name.startswith(incomplete)]


kind_option: Final = click.option(
    "--kind",
    type=KindName(),
    default="model",
    show_default=True,
    help="Kind of the component, if the spec does not say.",
)
"""``--kind``."""


def read_spec(text: str) -> str:
    """A spec as written, or the content of the lock that a path names.

    Raises:
        LockError: the path ends in ``.json``, and the file does not exist.
    """
    path = Path(text)
    if text.endswith(".json"):
        if not path.is_file():
            raise LockError(f"no lock at {text}")
        return path.read_text(encoding="utf-8")
    return text


def read_edits(edits: Iterable[str]) -> dict[str, Any]:
    """The ``set=`` of :func:`ptv_registry.build` that the values of ``--set`` mean.

    Raises:
        ArgumentError: one is not of the form ``PATH=VALUE``.
        SpecSyntaxError: a value cannot be read.
    """
    pairs = {}
    for edit in edits:
        path, equals, value = edit.partition("=")
        if not equals:
            raise ArgumentError(f"--set {edit!r} is not of the form PATH=VALUE, as in stem[1].norm=ghost")
        pairs[path.strip()] = parse_value(value)
    return pairs
