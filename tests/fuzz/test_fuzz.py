"""A few of the campaign in ``tests/benchmarks/fuzz_campaign.py``: the same cases in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import fuzzing

COUNTS = {"artifacts": 25, "checkpoints": 60, "locks": 40, "label_files": 300, "weights": 200, "builds": 40}


@pytest.mark.parametrize("kind", fuzzing.CASES)
def test_damage_gives_results_and_errors_of_the_library_and_nothing_else(kind: str, tmp_path: Path) -> None:
    report = fuzzing.run(fuzzing.CASES[kind](tmp_path), tmp_path, seed=7, count=COUNTS[kind])

    assert [] == report.raw
    assert COUNTS[kind] == report.cases
    assert len(report.outcomes) > 1, "the damage does something, and not always the same"
