"""One line about what an entry point names, read from its source: nothing is imported, so listing runs nobody's code."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import ModuleSpec
from typing import Any, Final

_MOST_STEPS: Final = 4  # from a package that gives a name on to the module that defines it
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


@lru_cache(maxsize=256)
def _source(module: str) -> tuple[str, bool]:
    """The text of a module, found without importing its packages, and whether it is a package."""
    path: Any = None
    spec: ModuleSpec | None = None
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        finders = (finder.find_spec(".".join(parts[:end]), path) for finder in sys.meta_path)
        spec = next(filter(None, finders), None)
        if spec is None:
            return "", False
        path = spec.submodule_search_locations
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return "", False
    try:
        with tokenize.open(spec.origin) as file:
            return file.read(), path is not None
    except (OSError, SyntaxError, UnicodeDecodeError):
        return "", False


def _statement(source: str, name: str) -> str:
    """The text that defines a name at the top of a module, to the next statement."""
    start = re.search(rf"^(?:class|def|async def) {name}\b|^{name}(?:\s*:[^=\n]+)? = ", source, re.MULTILINE)
    if start is None:
        return ""
    end = _NEXT_STATEMENT.search(source, start.end())
    return source[start.start() : end.start() if end else None]


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
