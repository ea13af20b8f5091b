"""``pytest --ptv-dist``: each mistake is one failure that says what to do, and what is right passes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.fakes import python, write_dist
from tests.support.planted import MISTAKES, PARTS, Mistake

GOOD = {"v1.norm": {"good": ":Good"}, "v1.layer": {"good": ":Same"}}
EAGER = 'class Eager:\n    """Something."""\n\n    def __init__(self) -> None: ...\n'
Outcomes = dict[str, str]  # what a check says, by test; empty for what passes


def dist_of(root: Path, name: str, points: Mapping[str, Mapping[str, str]], modules: Mapping[str, str]) -> None:
    """A distribution whose components are parts of ``tests.support.planted``."""
    own = {g: {n: v if v[0] != ":" else f"acme_parts{v}" for n, v in found.items()} for g, found in points.items()}
    write_dist(root, name, own, modules)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """All mistakes in one run."""
    root = tmp_path_factory.mktemp("planted")
    dist_of(root, "acme-good", GOOD, {"acme_parts": PARTS})
    for name, mistake in MISTAKES.items():
        dist_of(root, f"acme-{name}", mistake.points, mistake.modules)
    args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(root), "-c", "/dev/null"]
    args += ["-k", "test_component or test_distribution", f"--junitxml={root / 'report.xml'}"]
    for name in ("good", *MISTAKES):
        args += ["--ptv-dist", f"acme-{name}"]

    done = python(args, path=root, check=False, timeout=500)

    assert 1 == done.returncode, done.stdout + done.stderr
    cases = ElementTree.parse(root / "report.xml").iter("testcase")
    return {
        case.get("name", ""): "" if (bad := case.find("failure")) is None else str(bad.get("message") or bad.text)
        for case in cases
        if case.find("skipped") is None
    }


def of_dist(outcomes: Outcomes, name: str, points: Mapping[str, Mapping[str, str]]) -> Outcomes:
    """The outcomes of a distribution and its components."""
    keys = [f"{g.removeprefix('v1.')}:{n}" for g, found in points.items() for n in found]
    begins = (f"test_distribution[acme-{name}-has_", *(f"test_component[{key}-" for key in keys))
    return {test: said for test, said in outcomes.items() if test.startswith(begins)}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_one_failure_that_says_what_to_do(outcomes: Outcomes, name: str) -> None:
    mistake: Mistake = MISTAKES[name]
    failures = {test: said for test, said in of_dist(outcomes, name, mistake.points).items() if said}

    assert [mistake.check] == [re.split(r"-(?=\w+\]$)", test)[-1][:-1] for test in failures], failures
    (said,) = failures.values()
    assert mistake.says in said
    assert mistake.remedy in said


def test_what_is_right_passes(outcomes: Outcomes) -> None:
    found = of_dist(outcomes, "good", GOOD)

    assert len(found) > 25
    assert [] == [test for test, said in found.items() if said]


def test_there_are_enough_mistakes() -> None:
    assert len(MISTAKES) >= 32


def test_a_distribution_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    done = python(["-m", "pytest", "--ptv-dist", "nowhere", "-p", "no:xdist"], path=tmp_path, check=False)

    assert done.returncode in (2, 4)
    assert "no such distribution is installed" in done.stdout + done.stderr


def test_files_that_are_named_run_as_well(tmp_path: Path) -> None:
    write_dist(tmp_path, "acme", {"v1.layer": {"eager": "acme_eager:Eager"}}, {"acme_eager": EAGER})
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n")
    args = ["-m", "pytest", "--ptv-dist", "acme", str(tmp_path / "test_mine.py"), "-rA", "-p", "no:xdist"]
    args += ["-k", "mine or has_a_docstring"]

    done = python([*args, "-p", "no:cacheprovider"], path=tmp_path, check=False)

    assert "::test_mine" in done.stdout
    assert "test_component[layer:eager-has_a_docstring]" in done.stdout


@pytest.mark.parametrize("kind", ["norm", "conv"])
def test_probes_take_what_call_sites_pass(kind: str) -> None:
    from ptv_registry import Registry
    from ptv_registry._signature import signature
    from ptv_registry.contracts import contract_of

    probe = contract_of(kind).probe

    assert probe is not None
    assert all(map(signature(probe.make()).accepts, Registry().kind(kind).requires))
