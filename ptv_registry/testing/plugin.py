"""The pytest plugin; it imports only pytest at start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--ptv-dist``."""
    parser.getgroup("ptv_registry").addoption(
        "--ptv-dist",
        action="append",
        default=[],
        metavar="NAME",
        help="hold every component of this installed distribution to the contract of ptv_registry",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the conformance suite and those of the kinds, alone unless files were named as well."""
    if config.getoption("--ptv-dist"):
        from ptv_registry.testing.entries import suites_of

        suites = [str(Path(__file__).parent / "conformance.py"), *suites_of(config.getoption("--ptv-dist"))]
        named = config.args_source is pytest.Config.ArgsSource.ARGS
        config.args = [*config.args, *suites] if named else suites


def pytest_generate_tests(metafunc: Any) -> None:
    """One test for each promise of each component and distribution."""
    dists = metafunc.config.getoption("--ptv-dist")
    if "ptv_component" in metafunc.fixturenames:
        from ptv_registry.testing.component_checks import checks_for
        from ptv_registry.testing.entries import entries_of

        promises = [(e, check.name) for dist in dists for e in entries_of(dist) for check in checks_for(e.kind)]
        metafunc.parametrize("ptv_component", promises, ids=[f"{entry.key}-{name}" for entry, name in promises])
    if "ptv_distribution" in metafunc.fixturenames:
        from ptv_registry.testing.distribution_checks import CHECKS

        pairs = [(dist, check.name) for dist in dists for check in CHECKS]
        metafunc.parametrize("ptv_distribution", pairs, ids=[f"{dist}-{name}" for dist, name in pairs])
