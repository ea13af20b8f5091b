"""What the repository says of itself: workflows, targets, constraints and changelog fragments name what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.conftest import SLOW

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml"))]
CONSTRAINTS = [Requirement(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()]


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[str]:
    """The commands of a workflow's jobs."""
    return [step["run"] for job in loaded(path)["jobs"].values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_targets_and_files_that_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = "\n".join(steps(path))

    assert set(re.findall(r"\bmake ([a-z-]+)", commands)) <= targets
    assert [name for name in re.findall(r"\b(tests/\S+\.py)", commands) if not (ROOT / name).is_file()] == []


def test_the_tests_run_on_every_python_that_is_supported() -> None:
    pythons = loaded(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    supported = SpecifierSet(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    )

    assert [f"3.{minor}" for minor in range(15) if f"3.{minor}" in supported] == pythons


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem
)
def test_issue_forms_ask_questions(path: Path) -> None:
    form = loaded(path)

    if path.stem != "config":
        assert {"name", "description", "body"} <= set(form)
        assert all(field["type"] == "markdown" or field["attributes"]["label"] for field in form["body"])


def test_hooks_of_pre_commit_run_what_make_setup_installs() -> None:
    hooks = [hook for repo in loaded(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]

    assert hooks
    assert all(hook["entry"].startswith((".venv/bin/", "make ")) for hook in hooks)


def test_constraints_are_versions_only() -> None:
    for constraint in CONSTRAINTS:
        assert constraint.url is None
        assert [specifier.operator for specifier in constraint.specifier] == ["=="]


def _requirements(folder: Path) -> list[Requirement]:
    data = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*data["project"]["dependencies"], *data.get("dependency-groups", {}).get("dev", [])]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_constraints_fit_what_the_distributions_require(folder: Path) -> None:
    ours = {tomllib.loads((project / "pyproject.toml").read_text())["project"]["name"] for project in PROJECTS}
    for requirement in _requirements(folder):
        if requirement.name not in ours:
            found = [line for line in CONSTRAINTS if line.name.lower() == requirement.name.lower().replace("_", "-")]

            assert found, f"{requirement} has no constraint: run make update"
            for line in found:
                (version,) = line.specifier
                assert version.version in requirement.specifier


def test_fragments_of_the_changelog_are_named_by_their_kind() -> None:
    kinds = {
        kind["directory"]
        for kind in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]["type"]
    }
    for path in (ROOT / "changes").iterdir():
        if path.name != "README.md":
            assert re.fullmatch(rf"(\d+|\+[a-z0-9-]+)\.({'|'.join(kinds)})\.md", path.name)
            assert path.read_text(encoding="utf-8").strip()


def test_slow_modules_are_there() -> None:
    assert [] == [name for name in SLOW if not (ROOT / "tests" / name).exists()]
