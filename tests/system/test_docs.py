"""Every fenced block of README and docs runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support import command_line

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Commands of the blocks that install, or that other tests run: what they name must exist.
ELSEWHERE = ("pip", "pytest", "make")
# The design page shows fragments of calls with files and distributions that are examples.
FRAGMENTS = ("train.csv",)


def blocks(language: str) -> list[object]:
    found = []
    for page in PAGES:
        for number, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8"))):
            if match[1] == language and not any(word in match[2] for word in FRAGMENTS):
                found.append(pytest.param(match[2], id=f"{page.name}-{number}"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code: str, tmp_path: Path) -> None:
    (tmp_path / "block.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:ptv_registry", "block.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert 0 == done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("text", blocks("console"))
def test_console_blocks_name_commands_that_exist(text: str, tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in text.splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[0] == "make":
            assert f"\n{words[1]}:" in makefile
        elif words[:2] in (["ptv", "list"], ["ptv", "show"], ["ptv", "plan"], ["ptv", "new-plugin"]):
            done = command_line.run(words, cwd=tmp_path)
            assert 0 == done.returncode, done.stderr
        elif words[0] == "ptv":
            help_text = command_line.run(["ptv", words[1], "--help"], check=True).stdout
            assert all(word in help_text for word in words if word.startswith("--"))
        else:
            assert words[0] in ELSEWHERE


@pytest.mark.parametrize("text", blocks("toml"))
def test_toml_blocks_parse(text: str) -> None:
    assert tomllib.loads(text)
