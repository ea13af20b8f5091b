"""Several labels of one clip: average precisions by hand, labels from files, a run from training to prediction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import ptv_registry
from ptv_cards.scores import probabilities
from ptv_registry.errors import ArgumentError
from ptv_train.checkpoint import load_model
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.components.losses import binary_cross_entropy, cross_entropy
from ptv_train.components.metrics import average_precisions, mean_average_precision
from ptv_train.tasks.label_vectors import SeveralLabels
from ptv_train.tasks.multi_label import MultiLabel
from ptv_train.training.classification import Classification
from ptv_train.training.training import Training
from tests.support.task_sets import COLOURS, several_colours

from .task_commands import ptv

MODEL = "resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.0)"
_INPUT = {"num_frames": 4, "seconds": 0.5, "side": 32, "crop": 32}


def test_average_precision_is_the_mean_of_the_precision_at_each_clip_that_has_the_label() -> None:
    scores = torch.tensor([[0.9], [0.8], [0.7], [0.6]])
    labels = torch.tensor([[1], [0], [1], [0]])

    # right at the first and at the third place
    assert [pytest.approx((1 / 1 + 2 / 3) / 2)] == average_precisions(scores, labels).tolist()


def test_clips_with_one_score_share_a_place() -> None:
    scores = torch.tensor([[0.9], [0.5], [0.5], [0.1]])
    labels = torch.tensor([[0], [1], [0], [1]])

    # 1 of 3 down to 0.5, and 2 of 4 down to 0.1
    assert [pytest.approx((1 / 3 + 2 / 4) / 2)] == average_precisions(scores, labels).tolist()


def test_a_label_that_nothing_has_does_not_count() -> None:
    metric = mean_average_precision(3)
    metric.update(torch.tensor([[0.9, 0.1, 0.4]]), torch.tensor([[1, 0, 0]]))
    metric.update(torch.tensor([[0.2, 0.3, 0.4]]), torch.tensor([[0, 0, 1]]))

    # the first label is found first; the third shares its place with what has not got it
    assert pytest.approx((1.0 + 0.5) / 2) == float(metric.compute())


def _batch(**more: Any) -> dict[str, Any]:
    return {"video_index": torch.tensor([0, 0, 1]), "clip_index": torch.tensor([0, 1, 0]), **more}


def _results(task: MultiLabel, logits: list[list[float]], **batch: Any) -> dict[str, float]:
    task.validate(lambda clips: clips, _batch(video=torch.tensor(logits), **batch))  # type: ignore[arg-type]
    return {name: float(value) for name, value in task.results(torch.device("cpu")).items()}


@pytest.mark.parametrize(("over_views", "expected"), [("max", 1.0), ("mean", 0.5)])
def test_clips_of_a_video_are_put_together(over_views: Any, expected: float) -> None:
    labels = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    task = MultiLabel(["run", "jump"], over_views=over_views)
    # the first video has "run", seen in one of its clips alone; the second has it not, and is in between
    found = _results(task, [[4.0, -4.0], [-9.0, -4.0], [1.0, 4.0]], label=labels)

    assert pytest.approx((expected + 1.0) / 2) == found["mean_average_precision"]


def test_videos_without_any_label_do_not_count() -> None:
    labels = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    found = _results(MultiLabel(["run", "jump"]), [[1.0, 0.0], [1.0, 0.0], [9.0, 9.0]], label=labels)

    assert 1.0 == found["mean_average_precision"]


def test_labels_of_the_whole_video_are_measured_and_those_of_the_clip_are_learnt() -> None:
    labels = torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    whole = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    found = _results(
        MultiLabel(["run", "jump"]), [[9.0, -9.0], [9.0, -9.0], [-9.0, 9.0]], label=labels, video_label=whole
    )

    assert 1.0 == found["mean_average_precision"]
    assert found["loss"] > 5


def test_a_model_without_activation_gives_logits_of_labels_and_one_with_a_sigmoid_their_probabilities() -> None:
    task = MultiLabel(["run", "jump"])
    model, _ = task.build_model(ptv_registry.resolve(MODEL))
    ends_in_sigmoid, _ = task.build_model(ptv_registry.resolve(MODEL[:-1] + ", head_activation=sigmoid)"))

    assert "label_logits" == task.scores_of(model)
    assert "per_label" == task.scores_of(ends_in_sigmoid)
    assert torch.allclose(
        torch.tensor([[0.5, 0.8808]]), probabilities(torch.tensor([[0.0, 2.0]]), "label_logits"), atol=1e-4
    )
    with pytest.raises(ArgumentError, match="head_activation=sigmoid"):
        task.build_model(ptv_registry.resolve(MODEL[:-1] + ", head_activation=softmax)"))


def test_smoothed_labels_and_weights_by_hand() -> None:
    logits, labels = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    ln2 = 0.6931472

    assert pytest.approx(ln2) == float(binary_cross_entropy()(logits, labels))
    assert pytest.approx((3 * ln2 + ln2) / 2) == float(
        binary_cross_entropy(positive_weights=[3.0, 1.0])(logits, labels)
    )
    # a label of 1 is 0.9 when smoothed by 0.2, and the logit 2 makes a difference of 2 per unit of it
    sharp = torch.tensor([[2.0]])
    plain, smoothed = (float(binary_cross_entropy(s)(sharp, torch.tensor([[1.0]]))) for s in (0.0, 0.2))
    assert pytest.approx(plain + 2 * 0.1) == smoothed
    weighted = cross_entropy(class_weights=[1.0, 3.0])(torch.tensor([[0.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1]))
    assert pytest.approx((ln2 + 3 * 2.126928) / 4) == float(weighted)


@pytest.mark.parametrize("weights", [[1.0], [0.0, 1.0], [float("inf"), 1.0]])
def test_weights_that_do_not_fit_are_refused_before_anything_is_read(weights: list[float]) -> None:
    with pytest.raises(ArgumentError, match="positive_weights"):
        MultiLabel(("run", "jump"), loss=lambda: binary_cross_entropy(positive_weights=weights))
    with pytest.raises(ArgumentError, match="weight"):
        Classification(("run", "jump"), loss=lambda: cross_entropy(class_weights=weights))


def test_labels_in_a_file_are_parted_and_a_class_that_training_lacks_is_named(tmp_path: Path) -> None:
    train, val = several_colours(tmp_path / "train", 6, 0), several_colours(tmp_path / "val", 4, 1)
    data, recipe = (
        SeveralLabels(),
        ClipRecipe(0.5, "apply_transform_to_key(key='video', transform=convert_uint8_to_float)"),
    )
    dataset = data.training(train, recipe, seed=0, on_error="raise")
    classes = data.classes(dataset)
    held_out = data.validation(val, recipe, classes, on_error="raise")
    batch = data.collate(held_out, classes)([held_out[number] for number in range(4)])  # type: ignore[index]

    assert list(COLOURS) == classes
    wanted = [row.split(",")[1].split(";") for row in val.read_text().splitlines()[1:]]
    assert [[float(colour in row) for colour in COLOURS] for row in wanted] == batch["label"].tolist()
    with pytest.raises(ArgumentError, match="the label 'green' is not one of the 1 classes"):
        data.collate(held_out, ["blue", "green"][:1])


def test_a_run_learns_and_is_evaluated_predicted_and_exported(tmp_path: Path) -> None:
    train, val = several_colours(tmp_path / "train", 24, 0), several_colours(tmp_path / "val", 8, 1)
    out = tmp_path / "run"
    settings = ["--input", "num_frames=4, seconds=0.5, side=32, crop=32", "--epochs", "3", "--accelerator", "cpu"]
    settings += ["--optimizer", "adamw(lr=0.01)", "--batch-transform", "mixup(alpha=0.2)", "--task", "multi_label"]
    ptv("train", "--model", MODEL, "--train", train, "--val", val, "--out", out, *settings)
    checkpoint = out / "best.ckpt"
    record = load_model(checkpoint)[1]
    found = ptv("eval", checkpoint, "--data", val, "--views", "2x1", "--out", out / "report")
    predicted = ptv("predict", next((val.parent / "videos").iterdir()), "--model", checkpoint)
    ptv("export", checkpoint, "-o", tmp_path / "exported", "--backend", "eager")
    again = ptv("eval", tmp_path / "exported", "--data", val, "--views", "2x1", "--trust")

    assert COLOURS == record.categories
    assert "label_logits" == record.recipe.scores
    assert str(record.recipe.task).startswith("multi_label(")
    assert {"loss", "mean_average_precision"} == found["metrics"].keys()
    assert list(COLOURS) == [row["class"] for row in found["classes"]]
    assert "class,videos,average_precision" == (out / "report" / "classes.csv").read_text().splitlines()[0]
    assert sum(row["score"] for row in predicted["top"]) != pytest.approx(1.0, abs=1e-3)
    assert found["metrics"] == pytest.approx(again["metrics"], abs=1e-4)


def test_another_task_than_labels_that_exclude_each_other_is_said(tmp_path: Path) -> None:
    listed = several_colours(tmp_path / "set", 2, 0)
    with pytest.raises(ArgumentError, match="a probability per label"):
        Training(
            MODEL[:-1] + ", head_activation=sigmoid)",
            str(listed),
            None,
            tmp_path / "run",
            progress=False,
            accelerator="cpu",
        ).run()
