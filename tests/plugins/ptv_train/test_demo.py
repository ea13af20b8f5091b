"""The whole workflow, as ``ptv demo`` runs it."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support import command_line


@pytest.mark.slow
def test_the_demo_learns_movement_and_writes_what_it_promises(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = command_line.run(["ptv", "demo", "--json", "-o", str(out)], timeout=1500)
    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout)

    assert found["accuracy"] >= 0.9
    assert (out / "prediction.png").read_bytes().startswith(b"\x89PNG")
    assert "ptv_lock" in json.loads((out / "run" / "model.lock.json").read_text())
    # The unseen video moves east, then north, then southwest, two seconds each.
    windows = found["prediction"]["windows"]
    assert ["east", "north", "southwest"] == [_best(part) for part in (windows[:2], windows[2:4], windows[4:])]

    repeated = command_line.run([*shlex.split(found["commands"][3]), "--json"], check=True)
    assert found["prediction"]["top"] == json.loads(repeated.stdout)["top"]


def _best(windows: list[dict[str, Any]]) -> str:
    """The class with the highest sum of scores, as two windows may name one each."""
    sums: Counter[str] = Counter()
    for window in windows:
        sums.update({entry["class"]: entry["score"] for entry in window["top"]})
    return sums.most_common(1)[0][0]
