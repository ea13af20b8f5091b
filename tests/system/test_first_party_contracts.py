"""Every component of this project keeps the contract that strangers' components are held to."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.support.fakes import python

ROOT = Path(__file__).parents[2]
DISTS = [
    tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"]
    for path in sorted([*ROOT.glob("plugins/*/pyproject.toml"), *ROOT.glob("contrib/*/pyproject.toml")])
]


@pytest.mark.slow
def test_every_component_of_ours_passes_the_kit() -> None:
    """In one process; the further tests of backends are those of ``tests/plugins/ptv_deploy``."""
    args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", "/dev/null", "-r", "fE"]
    args += ["-k", "test_component or test_distribution"]
    for dist in DISTS:
        args += ["--ptv-dist", dist]

    done = python(args, check=False, timeout=900)

    assert 0 == done.returncode, done.stdout[-20000:]
    assert int(done.stdout.splitlines()[-1].split(" passed")[0].split()[-1]) > 3000
