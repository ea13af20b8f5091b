"""One line about what an entry point names, read from its source: nothing is imported, so listing runs nobody's code."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec
from typing import Final

_MOST_STEPS: Final = 4  # from a package that gives a name on to the module that defines it
_DEFINITION: Final = re.compile(r"^(?:(?:class|def|async def) (\w+)|(\w+)(?:\s*:[^=\n]+)? = )", re.MULTILINE)
_NEXT_STATEMENT: Final = re.compile(r"^(?=[A-Za-z_@])", re.MULTILINE)


def meaning_of(value: str) -> str:
    """The first line of the docstring of ``module:attribute``; of an object that a call makes, its first text of several
    words. Empty where the source does not say it, or is not there."""
    module, _, attribute = value.partition(":")
    name, *inner = attribute.split(".")
    for _ in range(_MOST_STEPS):
        source, is_package = _source(module)
        statement = "" if inner else _statement(source, name)
        if statement:
            return _first_line(statement)
        if not (found := _imported(source, name)):
            break
        written, name = found
        module = _absolute(written, module, is_package)
    return ""


def look_again() -> None:
    """Forget what was found, after an installation."""
    _spec.cache_clear()
    _source.cache_clear()
    _definitions.cache_clear()


@cache
def _spec(module: str) -> ModuleSpec | None:
    """Where a module is, found without importing its packages."""
    package = module.rpartition(".")[0]
    outer = _spec(package) if package else None
    if package and (outer is None or outer.submodule_search_locations is None):
        return None
    path = outer.submodule_search_locations if outer else None
    return next(filter(None, (finder.find_spec(module, path) for finder in sys.meta_path)), None)


@cache
def _source(module: str) -> tuple[str, bool]:
    """The text of a module, and whether it is a package."""
    spec = _spec(module)
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return "", False
    try:
        with open(spec.origin, encoding="utf-8") as file:
            return file.read(), spec.submodule_search_locations is not None
    except (OSError, UnicodeDecodeError):
        return "", False


@cache
def _definitions(source: str) -> dict[str, int]:
    """Where each name at the top of a module is defined; the first place, if there are several."""
    return {match[1] or match[2]: match.start() for match in reversed(list(_DEFINITION.finditer(source)))}


def _statement(source: str, name: str) -> str:
    """The text that defines a name at the top of a module, to the next statement."""
    start = _definitions(source).get(name)
    if start is None:
        return ""
    end = _NEXT_STATEMENT.search(source, start + 1)
    return source[start : end.start() if end else None]


def _first_line(statement: str) -> str:
    quick = re.match(
        r'(?:class [^\n"]*|def [^"]*?\)(?: -> [^\n"]+)?):\n\s+[rR]?"""\s*(\S[^\n]*?)\s*(?:\n|""")', statement
    )
    if quick and "\\" not in quick[1]:
        return quick[1]
    try:
        node = ast.parse(statement).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError):
        return ""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node) or ""
    elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
        text = next((text for text in _texts(node.value) if len(text.split()) > 1), "")
    else:
        text = ""
    return text.strip().partition("\n")[0]


def _texts(call: ast.Call) -> Iterator[str]:
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _imported(source: str, name: str) -> tuple[str, str] | None:
    """The module that a name is imported from, as it is written, and what it is called there."""
    for match in re.finditer(r"^\s*from (\.*[\w.]*) import (\([^)]*\)|[^\n]*)", source, re.MULTILINE):
        for item in re.sub(r"#[^\n]*", "", match[2].strip("()")).split(","):
            original, _, alias = item.strip().partition(" as ")
            if (alias.strip() or original.strip()) == name:
                return match[1], original.strip()
    return None


def _absolute(written: str, module: str, is_package: bool) -> str:
    name = written.lstrip(".")
    up = len(written) - len(name)
    if not up:
        return name
    parts = module.split(".")
    return ".".join([*parts[: len(parts) - up + is_package], *filter(None, [name])])
