"""The files of a run: damage is seen, other settings are refused, and nothing is rewritten without need."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from attrs import evolve

from ptv_registry.errors import ArgumentError
from ptv_train.errors import CheckpointError
from ptv_train.training.training import Training

from .conftest import MODEL, RECIPE, data_spec


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _resume(out: Path, videos: Path, **changes: object) -> Training:
    settings = {"model": MODEL, "epochs": 1, "lr": 1e-3, "val": data_spec(videos), "batch_size": 4, **changes}
    return Training(
        train=data_spec(videos),
        out=out,
        recipe=RECIPE,
        progress=False,
        accelerator="cpu",
        resume=True,
        **settings,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("place", [0, 1000, -200, -75, -70, -1])
def test_a_damaged_byte_is_seen_and_changes_nothing(place: int, run: Path, videos: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(run, tmp_path / "run"))
    damaged = bytearray((out / "last.ckpt").read_bytes())
    damaged[place] ^= 1
    (out / "last.ckpt").write_bytes(damaged)
    shutil.copy(run / "last.ckpt", out / "last.previous.ckpt")
    before = _contents(out)
    with pytest.raises(CheckpointError, match=r"damaged.*last\.previous\.ckpt"):
        _resume(out, videos, epochs=2).run()

    assert before == _contents(out)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lr": 1e-5}, "lr was 0.001, and is 1e-05"),
        ({"optimizer": "sgd"}, "optimizer was 'adamw', and is 'sgd'"),
        ({"batch_size": 2}, "batch_size was 4, and is 2"),
        ({"model": MODEL.replace("stem_dim_out", "activation=swish, stem_dim_out")}, "the model's .*activation"),
    ],
)
def test_other_settings_are_refused_and_change_nothing(
    changes: dict[str, object], message: str, run: Path, videos: Path
) -> None:
    before = _contents(run)
    with pytest.raises(ArgumentError, match=message):
        _resume(run, videos, epochs=2, **changes).run()

    assert before == _contents(run)


def test_a_finished_run_has_nothing_to_do(run: Path, videos: Path) -> None:
    before = _contents(run)
    result = _resume(run, videos).run()

    assert result.was_finished
    assert before == _contents(run)


def test_an_equal_score_keeps_the_earlier_best_after_a_move_and_a_resume(videos: Path, tmp_path: Path) -> None:
    settings = {"lr": 1e-12, "epochs": 1}
    evolve(_resume(tmp_path / "here", videos, **settings), resume=False).run()
    best = (tmp_path / "here" / "best.ckpt").read_bytes()
    shutil.move(tmp_path / "here", tmp_path / "there")
    _resume(tmp_path / "there", videos, **settings | {"epochs": 2}).run()
    rows = list(csv.DictReader((tmp_path / "there" / "metrics.csv").read_text().splitlines()))

    assert rows[0]["val_top1"] == rows[1]["val_top1"]
    assert best == (tmp_path / "there" / "best.ckpt").read_bytes()
