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
    """One test per component."""
    if "ptv_entry" in metafunc.fixturenames:
        from ptv_registry.testing.entries import entries_of

        entries = [e for dist in metafunc.config.getoption("--ptv-dist") for e in entries_of(dist)]
        metafunc.parametrize("ptv_entry", entries, ids=[entry.key for entry in entries])
