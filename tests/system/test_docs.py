"""What the documentation says is so: its blocks run, what it names exists, and what is public is in it."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import ptv_registry
from ptv_registry import hookspecs
from ptv_registry.cli import _commands, ptv
from tests.support import doc_blocks

assert _commands  # its import defines the kernel's commands

ROOT = Path(__file__).parents[2]
GUIDES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
READMES = sorted(ROOT.glob("*/*/README.md"))
PAGES = [*GUIDES, *READMES]
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
# Commands of the blocks that install, or that other tests run: what they name must exist.
ELSEWHERE = ("pip", "pytest", "make", "python", "towncrier")
# The design page shows fragments of calls with files and distributions that are examples.
FRAGMENTS = ("train.csv",)
# Blocks that download or read files that only their reader has, and exports, which the tests of the backends do.
UNRUNNABLE = ('"https://host/', 'weights="kinetics400"', '"clip.mp4"', '"a path.mp4"')


def blocks(page: Path, language: str) -> list[str]:
    found = [
        textwrap.dedent(match[3]) for match in BLOCK.finditer(page.read_text(encoding="utf-8")) if match[2] == language
    ]
    return [text for text in found if not any(word in text for word in FRAGMENTS)]


def text_of(pages: list[Path]) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.slow
@pytest.mark.parametrize("pages", [GUIDES, READMES], ids=["guides", "readmes"])
def test_python_blocks_run(pages: list[Path], tmp_path: Path) -> None:
    code = {
        str(page.relative_to(ROOT)): [
            block
            for block in blocks(page, "python")
            if not any(word in block for word in UNRUNNABLE) and (pages is GUIDES or ".export(" not in block)
        ]
        for page in pages
    }
    done = subprocess.run(
        [sys.executable, doc_blocks.__file__],
        cwd=tmp_path,
        input=json.dumps(code),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert 0 == done.returncode, done.stderr
    assert {} == json.loads(done.stdout), "\n".join(json.loads(done.stdout).values())


CONSOLE = [
    pytest.param(text, id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    for number, text in enumerate(blocks(page, "console"))
]


@pytest.mark.parametrize("text", CONSOLE)
def test_console_blocks_name_commands_that_exist(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in text.splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[0] == "make":
            assert f"\n{words[1]}:" in makefile
        elif words[0] == "python":
            assert (ROOT / words[1]).is_file()
        elif (
            words[:2] in (["ptv", "list"], ["ptv", "show"], ["ptv", "plan"], ["ptv", "new-plugin"])
            and "NAME" not in words
        ):
            done = CliRunner().invoke(ptv, words[1:])
            assert 0 == done.exit_code, done.output
        elif words[0] == "ptv":
            options = {option for parameter in command(words[1:]).params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options, line
        else:
            assert words[0] in ELSEWHERE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_toml_blocks_parse(page: Path) -> None:
    for text in blocks(page, "toml"):
        assert tomllib.loads(text)


def command(words: list[str]) -> click.Command:
    """The command that words begin with: ``["zoo", "list", "--json"]`` is ``ptv zoo list``."""
    found: click.Command = ptv
    context = click.Context(ptv)
    for word in words:
        if not isinstance(found, click.Group):
            break
        inner = found.get_command(context, word)
        assert inner, f"ptv {' '.join(words)} is not a command"
        found = inner
    return found


def commands(group: click.Group, prefix: str) -> list[str]:
    """The names of all commands, those in groups as ``ptv zoo list``."""
    context = click.Context(group)
    names = []
    for name in group.list_commands(context):
        inner = group.get_command(context, name)
        names += commands(inner, f"{prefix} {name}") if isinstance(inner, click.Group) else [f"{prefix} {name}"]
    return names


def test_every_command_is_documented() -> None:
    text = re.sub(r"[`\s]+", " ", text_of(PAGES))
    # A group's commands may be listed behind its name: `ptv zoo list | show | pull`.
    missing = []
    for name in commands(ptv, "ptv"):
        *group, last = name.split()
        if not re.search(rf"\b{' '.join(group)}\b[^.;]{{0,60}}\b{re.escape(last)}\b", text):
            missing.append(name)

    assert [] == missing


def test_commands_in_the_documentation_exist() -> None:
    found = set(re.findall(r"`ptv ([a-z][a-z-]*)(?= |`)", text_of(PAGES)))

    assert found
    for name in found:
        command([name])


def hooks() -> set[str]:
    return {name for name, value in vars(hookspecs).items() if name.startswith("ptv_") and inspect.isfunction(value)}


def test_every_hook_is_documented() -> None:
    text = text_of(PAGES)

    assert [] == sorted(name for name in hooks() if name not in text)


def test_hooks_in_the_documentation_exist() -> None:
    implemented = re.findall(r"@hookimpl\ndef (ptv_\w+)", text_of(PAGES)) + re.findall(r"`(ptv_\w+)\(", text_of(PAGES))

    assert implemented
    assert set(implemented) <= hooks()


def test_every_public_name_of_the_kernel_is_documented() -> None:
    text = text_of(GUIDES)

    assert [] == [name for name in ptv_registry.__all__ if not re.search(rf"\b{name}\b", text)]


def test_names_of_modules_in_the_documentation_resolve() -> None:
    """``ptv.NAME`` and dotted names of our packages, in running text and in code."""
    text = re.sub(r"https?://\S+", "", text_of(PAGES))
    dotted = set(re.findall(r"(?<![\w./\"-])(ptv(?:_[a-z0-9]+)?(?:\.[A-Za-z_]\w*)+)(?![\w/-])", text))
    wrong = []
    for name in sorted(dotted):
        parts = name.split(".")
        parts[0] = "ptv_registry" if parts[0] == "ptv" else parts[0]
        if ".v1" in name or parts[-1] in ("py", "md", "toml", "conformance"):
            continue  # entry-point groups and files
        if not resolves(parts):
            wrong.append(name)

    assert [] == wrong


def resolves(parts: list[str]) -> bool:
    """Whether a dotted name is a module, or an attribute of one."""
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_environment_variables_are_those_of_the_code() -> None:
    sources = [path for folder in ("ptv_registry", "plugins", "contrib") for path in (ROOT / folder).rglob("*.py")]
    # The import package of the compatibility distribution is not read here: it has no variables of its own.
    read = set(
        re.findall(
            r"[\"'](PTV_[A-Z]+(?:_[A-Z]+)*)[\"']", text_of([path for path in sources if ".venv" not in path.parts])
        )
    )
    documented = set(re.findall(r"\bPTV_[A-Z]+(?:_[A-Z]+)*", text_of(PAGES)))

    assert read == documented


QUOTED = re.compile(r"``[^`\n]*``|`[^`\n]*`|\"[^\"\n]*\"")


def test_nothing_is_said_to_be_no_such_thing() -> None:
    """``X is not a Y`` is written ``X is not a Y``, except in quotations."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wrong = []
    for name in names:
        if name.endswith((".py", ".md", ".toml", ".yml", ".sh")):
            text = (ROOT / name).read_text(encoding="utf-8")
            if name.endswith(".md"):
                text = QUOTED.sub("", text)
            wrong += [f"{name}: {match[0]}" for match in re.finditer(r".{0,30}\bis no [a-z]+", text)]

    assert [] == wrong
