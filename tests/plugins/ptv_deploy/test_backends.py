"""Every installed backend keeps the contract of its kind."""

from __future__ import annotations

from typing import Any

import pytest

import ptv_registry
from ptv_deploy.testing import *  # noqa: F403 - the suite that a third party runs with pytest --ptv-dist

COMPILING = ("compile", "aot_inductor")


def pytest_generate_tests(metafunc: Any) -> None:  # type: ignore[no-redef]
    if "ptv_backend" in metafunc.fixturenames:
        specs = [
            pytest.param(
                ptv_registry.Spec(c.name, {}, "backend", c.dist),
                id=c.name,
                marks=[pytest.mark.slow] if c.name in COMPILING else [],
            )
            for c in ptv_registry.components("backend")
        ]
        metafunc.parametrize("ptv_backend", specs, scope="session")
