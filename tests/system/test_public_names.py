"""Plugins stand where a stranger stands: what they use of the kernel is public."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import ptv_registry
from ptv_registry import hookspecs
from ptv_registry._suggest import known_elsewhere
from ptv_registry.cli import _commands

ROOT = Path(__file__).parents[2]
PRIVATE = re.compile(
    r"ptv_registry(?:\.\w+)*\._(?!_)\w|from ptv_registry(?:\.\w+)* import (?:\([^)]*\b|[^\n]*\b)_\w|__ptv_\w"
)


def private_uses(folder: Path) -> list[str]:
    return [
        f"{file.relative_to(folder)}: {match[0]}"
        for file in sorted(folder.rglob("*"))
        if file.suffix in (".py", ".md", ".toml")
        for match in PRIVATE.finditer(file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("folder", ["plugins", "contrib", "docs"])
def test_private_names_of_the_kernel_are_used_nowhere_else(folder: str) -> None:
    assert [] == private_uses(ROOT / folder)


@pytest.mark.parametrize("kind", ptv_registry.default_registry().kind_names())
def test_a_scaffold_uses_public_names_only(kind: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(_commands.ptv, ["new-plugin", kind, "mine", "-o", str(tmp_path)], catch_exceptions=False)

    assert 0 == done.exit_code, done.output
    assert [] == private_uses(tmp_path)


@pytest.mark.parametrize(
    "code",
    [
        "from ptv_registry import _registry",
        "from ptv_registry._plan import Plan",
        "from ptv_registry import (\n    Plan,\n    _lock,\n)",
        "import ptv_registry._api",
        "from ptv_registry.cli._commands import read_spec",
        'getattr(factory, "__ptv_node__")',
    ],
)
def test_a_private_use_is_found(code: str, tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(code)

    assert 1 == len(private_uses(tmp_path))


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    for name in ptv_registry.__all__:
        found = getattr(ptv_registry, name)

        assert found.__doc__, name
        assert re.search(rf"`[^`]*\b{name}\b", design), f"docs/design.md does not name {name}"


def test_the_design_names_every_hook_and_no_other() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    hooks = {name for name in vars(hookspecs) if name.startswith("ptv_")}
    named = dict(re.findall(r"`(ptv_\w+)\(([\w, ]*)\)`", design))

    assert hooks == set(named)
    for name, arguments in named.items():
        assert arguments.split(", ") == (list(inspect.signature(getattr(hookspecs, name)).parameters) or [""]), name


def test_the_design_names_every_command_and_no_other() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    section = design[design.index("## 13.") : design.index("## 14.")].partition("A command of a distribution")[0]
    known = known_elsewhere()
    commands = {key.removeprefix("command:") for key in known if key.startswith("command:")} | set(
        _commands.ptv.commands
    )
    named = {words.split()[0] for words in re.findall(r"`([a-z][^`]*)`", section)} - {"ptv"}

    assert commands == named
