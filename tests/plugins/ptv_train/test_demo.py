"""The main job, as ``ptv demo`` does it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import ptv_commands
import pytest


@pytest.mark.slow
def test_the_demo_learns_movement_and_writes_what_it_promises(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = ptv_commands.run(["ptv", "demo", "--json", "-o", str(out)], timeout=1500)
    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout)

    assert found["accuracy"] >= 0.9
    assert (out / "prediction.png").read_bytes().startswith(b"\x89PNG")
    assert "ptv_lock" in json.loads((out / "run" / "model.lock.json").read_text())
    # The unseen video moves east, then north, then southwest, two seconds each.
    best = [window["top"][0]["class"] for window in found["prediction"]["windows"]]
    wanted = ["east", "east", "north", "north", "southwest", "southwest"]
    assert len(wanted) == len(best)
    assert sum(one == other for one, other in zip(wanted, best, strict=True)) >= 5, best  # as with accuracy, not all

    repeated = ptv_commands.run([*shlex.split(found["commands"][3]), "--json"], check=True)
    assert found["prediction"]["top"] == json.loads(repeated.stdout)["top"]
