"""Smaller runs of tests/benchmarks/damage_campaign.py, which has the sizes that the documentation reports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "damage_campaign.py"


def _run(tmp_path: Path, *arguments: str) -> dict:
    report = tmp_path / "report.json"
    command = [sys.executable, str(SCRIPT), *arguments, "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict = json.loads(report.read_text())
    return found


@pytest.mark.slow
def test_damaged_files_end_in_frames_or_typed_errors_and_never_in_a_crash(tmp_path: Path) -> None:
    found = _run(tmp_path, "--count", "120")["damage"]

    assert found["bad"] == []
    assert sum(found["outcomes"].values()) == 120
    assert found["slowest_s"] < 10


@pytest.mark.slow
def test_opening_for_long_takes_no_more_memory_and_files(tmp_path: Path) -> None:
    found = _run(tmp_path, "--opens", "1000")["endurance"]

    assert found["growth_files"] == 0
    assert found["growth_mib"] < 20
