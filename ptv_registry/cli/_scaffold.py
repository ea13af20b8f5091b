"""``ptv new-plugin``: a distribution with one component that works, ready to install and tested where it will be used."""

from __future__ import annotations

import keyword
import re
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Final

from ptv_registry import _registry
from ptv_registry._entries import NAME
from ptv_registry._spec import KEYWORDS
from ptv_registry.contracts import contract_of
from ptv_registry.errors import ArgumentError, ContractError

_PYPROJECT: Final = Template("""\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "$dist"
version = "0.1.0"
description = "The $kind $name for ptv_registry"
readme = "README.md"
requires-python = ">=3.11"
dependencies = [$needs]

[project.optional-dependencies]
test = [$testing]

[project.entry-points."ptv_registry.v1.$kind"]
$name = "$package:$symbol"

[tool.hatch.build.targets.wheel]
packages = ["src/$package"]
""")

_README: Final = Template("""\
# $dist

The $kind `$name` for `ptv_registry`.

    pip install -e ".[test]"
    pytest
    pytest --ptv-dist $dist
    ptv show $kind:$name

What a $kind is called with and has to give: `ptv show $kind --contract`.
""")


def write(kind: str, name: str, folder: Path, dist: str | None = None) -> Path:
    """Write the distribution into ``folder`` and return its own folder.

    Raises:
        UnknownNameError: ``kind`` is not a kind, or no installed distribution has its contract.
        ArgumentError: the name cannot be a component's, or the folder exists.
    """
    _registry.default.kind(kind)
    scaffold = contract_of(kind).scaffold
    if not NAME.match(name) or name in KEYWORDS:
        raise ArgumentError(f"{name!r} cannot be a component's name; use lower case letters, digits and _")
    dist = dist or f"ptv-{name.replace('_', '-')}"
    package = re.sub(r"[-_.]+", "_", dist).lower()
    if not package.isidentifier() or keyword.iskeyword(package):
        raise ArgumentError(f"{dist!r} cannot be the name of a distribution whose package is {package!r}; give --dist")
    target = folder / dist
    if target.exists():
        raise ArgumentError(f"{target} exists already; choose another --output or --dist")
    values = {
        "dist": dist,
        "kind": kind,
        "name": name,
        "package": package,
        "symbol": _renamed(scaffold.component, name),
        "needs": _listed("ptv-registry", *scaffold.requires),
        "testing": _listed("pytest", *scaffold.testing),
    }
    files = {
        "pyproject.toml": _PYPROJECT.substitute(values),
        "README.md": _README.substitute(values),
        f"src/{package}/__init__.py": _renamed(_source(scaffold.module), name),
        f"src/{package}/py.typed": "",
        f"tests/test_{name}.py": _renamed(_source(f"{scaffold.module}_in_use"), name),
    }
    for relative, text in files.items():
        path = target / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return target


def _listed(*dists: str) -> str:
    return ", ".join(f'"{dist}"' for dist in dists)


def _source(module: str) -> str:
    """The text of a module, which is not imported."""
    try:
        found = find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None or not found.origin:
        raise ContractError(f"the scaffold {module} is not there; reinstall the distribution that has it")
    return Path(found.origin).read_text(encoding="utf-8")


def _renamed(text: str, name: str) -> str:
    """The text with the component's name for ``mine`` and ``Mine``."""
    symbol = "".join(part.capitalize() for part in name.split("_"))
    text = re.sub(r"(?<![A-Za-z])mine(?![a-z])", name, text)
    return re.sub(r"(?<![A-Za-z])Mine(?![a-z])", symbol, text)
