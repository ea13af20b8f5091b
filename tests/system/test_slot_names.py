"""Aliases of slots are called after their kinds, so that a signature tells which components a parameter takes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def slot_in(node: ast.expr) -> ast.Call | None:
    """The ``Slot(...)`` of an ``Annotated[..., Slot(...)]``."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call) and ast.unparse(part.func) == "Slot"]
    return calls[0] if isinstance(node, ast.Subscript) and calls else None


def aliases() -> list[tuple[str, str, str, bool, bool]]:
    found = []
    for file in sorted(ROOT.glob("plugins/*/src/**/*.py")):
        for statement in ast.parse(file.read_text(encoding="utf-8")).body:
            if (
                isinstance(statement, ast.Assign | ast.AnnAssign)
                and statement.value
                and (slot := slot_in(statement.value))
            ):
                name = ast.unparse(statement.targets[0] if isinstance(statement, ast.Assign) else statement.target)
                flags = {word.arg for word in slot.keywords}
                kind = ast.literal_eval(slot.args[0])
                found.append((str(file.relative_to(ROOT)), name, kind, "built" in flags, "many" in flags))
    return found


def fits(name: str, kind: str, built: bool, many: bool) -> bool:
    """Whether the name is ``[Word][Built]Kind[s]``."""
    rest = name.removesuffix("s") if many else name
    return rest.endswith(("Built" if built else "") + kind.title().replace("_", "")) and ("Built" in name) == built


@pytest.mark.parametrize(("file", "name", "kind", "built", "many"), aliases(), ids=lambda value: str(value))
def test_an_alias_has_the_name_of_its_kind(file: str, name: str, kind: str, built: bool, many: bool) -> None:
    assert fits(name, kind, built, many), file


@pytest.mark.parametrize(
    ("name", "kind", "built", "many", "expected"),
    [
        ("Norm", "norm", False, False, True),
        ("TokenNorm", "norm", False, False, True),
        ("Metrics", "metric", False, True, True),
        ("Metric", "metric", False, True, True),
        ("OptionalBuiltSampler", "sampler", True, False, True),
        ("VideoSampler", "video_sampler", False, False, True),
        ("Backbone", "model", True, False, False),
        ("Transform", "transform", True, False, False),
        ("BuiltTransform", "transform", False, False, False),
        ("SamplerSlot", "sampler", True, False, False),
    ],
)
def test_the_rule(name: str, kind: str, built: bool, many: bool, expected: bool) -> None:
    assert expected is fits(name, kind, built, many)
