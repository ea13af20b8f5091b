"""One line about each component, read from its source: nobody's code runs for a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptv_registry._meaning import meaning_of
from tests.support.fakes import ptv, write_dist

DEFINES = '''\
import os; os._exit(9)
from .inner import (  # where it is
    Thing as Renamed,
)
class Short: """One line."""
class Long(Short):
    r"""First line.

    Second."""
def many(a: str = "x):", *, b: int = 3) -> None:
    """Of a function."""
class Silent:
    def method(self):
        """Not of the class."""
def made(*args): ...
VARIANT: object = made("name", Short, """Of a call.

    More.""")
FLAVOUR = made("flavour", "what it tastes of")
NUMBER = 3
'''


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Short", "One line."),
        ("Long", "First line."),
        ("many", "Of a function."),
        ("VARIANT", "Of a call."),
        ("Renamed", "From inside."),
        *((name, "") for name in ("Silent", "NUMBER", "nothing", "Short.method", "")),
    ],
)
def test_the_first_line_is_found_in_every_form(
    name: str, meaning: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "acme_forms"
    package.mkdir()
    (package / "__init__.py").write_text(DEFINES)
    (package / "inner.py").write_text('class Thing:\n    """From inside."""\n')
    monkeypatch.syspath_prepend(tmp_path)

    assert meaning == meaning_of(f"acme_forms:{name}")
    assert "" == meaning_of(f"acme_gone_{len(name)}.module:{name}")


def test_a_list_imports_not_even_a_strangers_kind(tmp_path: Path) -> None:
    points = {"v1.kinds": {"flavour": "acme_kinds:FLAVOUR"}, "v1.flavour": {"sour": "acme_kinds:Short"}}
    write_dist(tmp_path, "acme", points, {"acme_kinds": DEFINES})
    lines = ptv(["list"], path=tmp_path).stdout.splitlines()
    place = lines.index("flavour  (what it tastes of)")

    assert ["sour", "acme", "1.0", "One", "line."] == lines[place + 1].split()
