"""Tasks learn what they are about; ``tests/benchmarks/bench_tasks.py`` has all of them and the figures to reach."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import bench_tasks


def test_pitches_are_heard(tmp_path: Path) -> None:
    assert bench_tasks.acoustic(tmp_path)["val_top1"] >= 0.95


def test_several_colours_are_seen(tmp_path: Path) -> None:
    assert bench_tasks.multi_label(tmp_path)["val_mean_average_precision"] >= 0.8
