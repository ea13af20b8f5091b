"""The contract as tests, which ``pytest --ptv-dist NAME`` collects: one for each promise of each component."""

from __future__ import annotations

import pytest

from ptv_registry._entries import Entry
from ptv_registry.testing import distribution_checks
from ptv_registry.testing.component_checks import checks_for
from ptv_registry.testing.examination import Examination
from ptv_registry.testing.subject import Broken, NotApplicable, Subject

_examinations: dict[object, Examination] = {}


def test_component(ptv_component: tuple[Entry, str]) -> None:
    """A component keeps a promise."""
    entry, check = ptv_component
    if entry not in _examinations:
        _examinations[entry] = Examination(Subject(entry), checks_for(entry.kind))
    _report(_examinations[entry].outcome(check))


def test_distribution(ptv_distribution: tuple[str, str]) -> None:
    """A distribution keeps a promise."""
    dist, check = ptv_distribution
    if dist not in _examinations:
        _examinations[dist] = Examination(dist, distribution_checks.CHECKS)
    _report(_examinations[dist].outcome(check))


def _report(outcome: Broken | NotApplicable | None) -> None:
    if isinstance(outcome, NotApplicable):
        pytest.skip(str(outcome))
    if outcome is not None:
        pytest.fail(str(outcome), pytrace=False)
