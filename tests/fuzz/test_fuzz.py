"""A few of the campaign in ``tests/benchmarks/fuzz_campaign.py``: the same cases in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import fuzzing
from tests.support.fuzz_cases import CASES

COUNTS = {
    "specs": 400,
    "artifacts": 25,
    "checkpoints": 60,
    "locks": 40,
    "label_files": 300,
    "weights": 200,
    "builds": 40,
    "annotations": 200,
    "videos": 60,
    "images": 150,
}


@pytest.mark.parametrize("kind", CASES)
def test_damage_gives_results_and_errors_of_the_library_and_nothing_else(kind: str, tmp_path: Path) -> None:
    report = fuzzing.run(CASES[kind](tmp_path), tmp_path, seed=7, count=COUNTS[kind])

    assert [] == report.raw
    assert COUNTS[kind] == report.cases
    assert len(report.outcomes) > 1, "the damage does something, and not always the same"
    assert report.peak_mib[0] < 500
