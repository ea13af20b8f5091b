"""Recipes of the published models: every row of PyTorchVideo's tables has one, which builds what the row is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ptv_registry
from ptv_cards.clip_input import clip_input_of
from ptv_cards.published_weights import PublishedWeights
from ptv_registry.errors import ArgumentError
from ptv_train.run.recipes import recipes, run_file_of
from ptv_train.run.values import training_of
from ptv_train.training.training import Training
from ptv_zoo import tables

_DATASETS = {
    "Kinetics-400": "kinetics400",
    "Something-Something V2": "ssv2",
    "Charades": "charades",
    "AVA (V2.2)": "ava",
}


def _rows() -> list[PublishedWeights]:
    """The rows of PyTorchVideo's tables."""
    return [row.weights for row in tables.rows() if row.weights.table == "pytorchvideo"]


def _training(name: str, tmp_path: Path, **more: Any) -> Training:
    return training_of(recipes()[name], {"train": "videos", "out": tmp_path / "run", **more})


def test_every_row_of_the_tables_has_a_recipe(tmp_path: Path) -> None:
    made = set()
    for name in recipes():
        training = _training(name, tmp_path)
        plan = ptv_registry.resolve(training.model)
        clips = clip_input_of(plan)
        assert clips is not None
        assert training.recipe is not None
        made.add(
            (
                name.rsplit("_", 1)[1],
                plan.root.entry.name,
                clips.num_frames,
                round(training.recipe.seconds, 6),
                clips.alpha,
            )
        )
    rows = [row for row in _rows() if row.metrics and row.dataset in _DATASETS]
    wanted = {
        (_DATASETS[row.dataset], ptv_registry.parse(row.spec).name, c.num_frames, round(float(c.seconds), 6), c.alpha)
        for row in rows
        if (c := row.clip_input) is not None
    }

    assert 22 == len(rows) == len(wanted)
    assert wanted == made


@pytest.mark.parametrize("name", list(recipes()))
def test_a_recipe_is_a_run_whose_parts_build(name: str, tmp_path: Path) -> None:
    training = _training(name, tmp_path)
    training._check()
    parts = training._parts()

    assert training.recipe is not None
    assert parts.task.name == {"charades": "multi_label", "ava": "detection"}.get(
        name.rsplit("_", 1)[1], "classification"
    )
    assert parts.task.build(classes=("a", "b")) is not None
    for transform in parts.batch_transforms:
        assert callable(transform.build(num_classes=2, one_hot=False))


def test_a_recipe_runs(videos: Path, tmp_path: Path) -> None:
    settings = {"train": str(videos), "val": str(videos), "out": tmp_path / "run", "epochs": 1, "batch_size": 2}
    settings |= {"accelerator": "cpu", "input": "crop=64, side=64, num_frames=4, seconds=0.5"}
    small = ["model.input_crop_size=64", "model.input_clip_length=4", "optimizer.lr=0.01"]
    training = training_of(run_file_of("ptv-x3d/x3d_xs_kinetics400"), settings, small)
    training.progress = False
    result = training.run()

    assert 0 <= result.metrics["val_top1"] <= 1


def test_an_unknown_recipe_names_those_that_there_are() -> None:
    with pytest.raises(ArgumentError, match="is 'ptv-slowfast/slowfast_r50_ssv2' meant"):
        run_file_of("ptv-slowfast/slowfast_r50_ssv")
