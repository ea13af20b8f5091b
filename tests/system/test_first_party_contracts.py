"""Every component of this project keeps the contract that strangers' components are held to."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import ptv_registry
from tests.support.fakes import python

ROOT = Path(__file__).parents[2]
PROJECTS = [
    tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    for path in sorted([*ROOT.glob("plugins/*/pyproject.toml"), *ROOT.glob("contrib/*/pyproject.toml")])
]
DISTS = [
    project["name"]
    for project in PROJECTS
    if any(group.startswith("ptv_registry.") for group in project.get("entry-points", {}))
]


@pytest.mark.slow
def test_every_component_of_ours_passes_the_kit() -> None:
    """In one process. Published models are rows of their builders' arguments, and ``test_every_model.py`` has them; the
    further tests of backends are those of ``tests/plugins/ptv_deploy``."""
    rows = [c.name for c in ptv_registry.components("model") if c.value.partition(":")[0].endswith(".published")]
    wanted = " and ".join(["(test_component or test_distribution)", *(f"not model:{name}-" for name in rows)])
    args = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--noconftest",
        "-c",
        "/dev/null",
        "-r",
        "fE",
        "-k",
        wanted,
    ]
    for dist in DISTS:
        args += ["--ptv-dist", dist]

    done = python(args, check=False, timeout=900)

    assert rows
    assert 0 == done.returncode, done.stdout[-20000:]
    assert int(done.stdout.splitlines()[-1].split(" passed")[0].split()[-1]) > 2500
