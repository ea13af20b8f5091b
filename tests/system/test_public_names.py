"""Plugins stand where a stranger stands: what they use of the kernel is public."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import ptv_registry
from ptv_registry.cli import _commands

ROOT = Path(__file__).parents[2]
PRIVATE = re.compile(
    r"ptv_registry(?:\.\w+)*\._\w|from ptv_registry(?:\.\w+)* import (?:\([^)]*\b|[^\n]*\b)_\w|__ptv_\w"
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
