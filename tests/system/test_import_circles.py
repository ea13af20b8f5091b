"""No modules import each other in a circle, wherever the imports stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT, *sorted(ROOT.glob("plugins/*/src")), *sorted(ROOT.glob("contrib/*/src"))]


def modules_of(source: Path) -> dict[str, Path]:
    """Every module of the packages in a folder, by its name."""
    packages = [source / "ptv_registry"] if source == ROOT else [p for p in source.iterdir() if p.is_dir()]
    modules = {}
    for package in packages:
        for file in package.rglob("*.py"):
            parts = file.relative_to(source).with_suffix("").parts
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return modules


def imports_of(name: str, file: Path, modules: Mapping[str, Path]) -> set[str]:
    """The modules that a module imports at its top or in a function; what only a type checker reads does not count."""
    found = set()
    for node in running(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                up = node.level - (file.name == "__init__.py")
                base = ".".join([*parts[: len(parts) - up], *filter(None, [node.module])])
            found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base for alias in node.names}
    return found & set(modules) - {name}


def running(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from running(node)


def in_circles(edges: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """The modules that are left when those that import none of the others are taken away, and those that none imports."""
    left = {name: set(below) for name, below in edges.items()}
    while True:
        imported = set().union(*left.values()) if left else set()
        free = {name for name, below in left.items() if not below & set(left) or name not in imported}
        if not free:
            return {name: sorted(below & set(left)) for name, below in sorted(left.items())}
        left = {name: below - free for name, below in left.items() if name not in free}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parent.name if source != ROOT else "kernel")
def test_no_modules_of_a_distribution_import_each_other_in_a_circle(source: Path) -> None:
    modules = modules_of(source)

    assert {} == in_circles({name: imports_of(name, file, modules) for name, file in modules.items()})


def test_a_circle_is_found_also_within_functions(tmp_path: Path) -> None:
    package = tmp_path / "thing"
    package.mkdir()
    (package / "__init__.py").write_text("from thing.a import A\n")
    (package / "a.py").write_text("A = 1\ndef f():\n    from . import b\n")
    (package / "b.py").write_text("from .a import A\n")
    (package / "c.py").write_text(
        "import thing.a\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import thing.d\n"
    )
    (package / "d.py").write_text("import thing.c\n")
    modules = modules_of(tmp_path)

    assert {"thing.a": ["thing.b"], "thing.b": ["thing.a"]} == in_circles(
        {name: imports_of(name, file, modules) for name, file in modules.items()}
    )
