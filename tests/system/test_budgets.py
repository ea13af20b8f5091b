"""What importing the kernel costs (section 14): modules here, times in ``tests/benchmarks/bench_kernel.py``."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from pathlib import Path

import pytest

from tests.support.fakes import python

KERNEL = Path(__file__).parents[2] / "ptv_registry"
HEAVY = ("torch", "torchvision", "av", "pluggy", "numpy", "importlib_metadata", "click", "pytest")


def modules_after(code: str) -> set[str]:
    done = python(["-c", f"{code}\nimport json, sys\nsys.stderr.write('\\n' + json.dumps(list(sys.modules)))"])
    return set(json.loads(done.stderr.splitlines()[-1]))


def is_plugin(module: str) -> bool:
    return (module.startswith("ptv_") and module.partition(".")[0] != "ptv_registry") or module.startswith(
        "pytorchvideo"
    )


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import ptv_registry", ()),
        ("import ptv_registry as p; p.parse; p.Spec; p.Registry; p.Kind; p.Slot", ("importlib_metadata",)),
        ("import ptv_registry as p; p.components()", ("importlib_metadata",)),
        ("import ptv_registry.testing.plugin", ("pytest", "pluggy")),
        (
            "import sys; sys.argv = ['ptv', 'list']\nfrom ptv_registry.cli import main\n"
            "try:\n    main()\nexcept SystemExit: pass",
            ("importlib_metadata", "click"),
        ),
    ],
    ids=["import", "names", "components", "pytest plugin", "ptv list"],
)
def test_it_imports_nothing_heavy_and_no_plugin(code: str, allowed: tuple[str, ...]) -> None:
    modules = modules_after(code)

    assert [] == sorted(modules & set(HEAVY) - set(allowed))
    assert [] == sorted(filter(is_plugin, modules))


def test_the_pytest_plugin_imports_nothing_of_the_kernel_but_slots_and_errors() -> None:
    kernel = {module for module in modules_after("import ptv_registry.testing.plugin") if "ptv_registry" in module}

    assert kernel <= {
        f"ptv_registry{m}" for m in ("", "._slots", ".errors", ".redaction", ".testing", ".testing.plugin")
    }


def lines_of_code(file: Path) -> int:
    """Lines that are not blank, a comment or part of a docstring."""
    text = file.read_text(encoding="utf-8")
    docs: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docs |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in silent
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - docs)


def test_no_file_of_the_kernel_is_long() -> None:
    assert {} == {
        file.name: count
        for file in KERNEL.rglob("*.py")
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > 350
    }
