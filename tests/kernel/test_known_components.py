"""``ptv_registry/known_components.json``: who provides which component and which command of ``ptv``, installed or not.

``--write`` brings it up to date.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import click

from ptv_registry import Registry, _hooks

ROOT = Path(__file__).parents[2]
FILE = ROOT / "ptv_registry" / "known_components.json"
GROUP = "ptv_registry.v1."


def known_components() -> dict[str, str]:
    """``kind:name`` to distribution, from the entry points of the workspace; the first party goes first."""
    found: dict[str, str] = {}
    for file in (*sorted(ROOT.glob("plugins/*/pyproject.toml")), *sorted(ROOT.glob("contrib/*/pyproject.toml"))):
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        for group, points in project.get("entry-points", {}).items():
            kind = group.removeprefix(GROUP)
            if group.startswith(GROUP) and kind not in ("hooks", "kinds") and "." not in kind:
                for name in points:
                    found.setdefault(f"{kind}:{name}", project["name"])
    return dict(sorted((found | known_commands()).items()))


def known_commands() -> dict[str, str]:
    """``command:name`` to distribution, from the hooks of the workspace."""
    found = {}
    for implementation in _hooks.manager(Registry()).hook.ptv_add_commands.get_hookimpls():
        group = click.Group()
        implementation.function(group=group)
        found |= {f"command:{name}": implementation.plugin_name.partition(":")[0] for name in group.commands}
    return found


def text() -> str:
    return json.dumps(known_components(), indent=1) + "\n"


def test_the_file_is_up_to_date() -> None:
    assert known_components() == json.loads(FILE.read_text(encoding="utf-8")), (
        f"run {sys.executable} {__file__} --write"
    )


def test_names_of_the_workspace_are_unique_within_their_kind() -> None:
    names = [
        (group, name)
        for file in ROOT.glob("plugins/*/pyproject.toml")
        for group, points in tomllib.loads(file.read_text())["project"].get("entry-points", {}).items()
        if group.startswith(GROUP) and not group.endswith((".hooks", ".kinds"))
        for name in points
    ]

    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})


if __name__ == "__main__" and "--write" in sys.argv:
    FILE.write_text(text(), encoding="utf-8")
