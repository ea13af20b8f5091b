"""Boxes from the annotations through transforms and batches to detections, and the measure of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_train.checkpoint import load_model
from ptv_train.clip_recipe import recipe_for
from ptv_train.tasks.box_data import BoxCollate, parts_of
from ptv_train.tasks.detection import Detection
from ptv_train.tasks.frame_map import frame_average_precisions, read_detections, read_ground_truth
from tests.support.task_sets import MOVES, people

from .task_commands import ptv

MODEL = (
    "resnet_with_roi_head(model_depth=18, stem_dim_out=4, head_spatial_resolution=[3, 3], dropout_rate=0.0, "
    "stem_conv_stride=[1, 1, 1], stage_spatial_h_stride=[1, 2, 1, 1], stage_spatial_w_stride=[1, 2, 1, 1], "
    "head_spatial_scale=0.25)"
)
SLOWFAST = (
    "slowfast_with_roi_head(model_depth=18, stem_dim_outs=[8, 2], slowfast_channel_reduction_ratio=4, "
    "head_pool_kernel_sizes=[[2, 1, 1], [8, 1, 1]], dropout_rate=0.0)"
)
INPUT = "num_frames=4, seconds=1, crop=56, side=64"


def spec(videos: Path, boxes: Path) -> str:
    return (
        f"ava(frame_paths_file={str(videos)!r}, frame_labels_file={str(boxes)!r}, "
        f"label_map_file={str(boxes.with_name('actions.pbtxt'))!r})"
    )


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return people(tmp_path_factory.mktemp("moving"), 6, 0)


def _marked(box: list[float], side: int = 64) -> dict[str, Any]:
    """A sample in whose clip the pixels of the box are white."""
    x1, y1, x2, y2 = (round(side * corner) for corner in box)
    clip = torch.zeros(3, 8, side, side, dtype=torch.uint8)
    clip[..., y1:y2, x1:x2] = 255
    return {"video": clip, "boxes": torch.tensor([box]), "labels": [[1]], "extra_info": [[0.0]]}


@pytest.mark.parametrize("mode", ["val", "train"])
@pytest.mark.parametrize("model", [MODEL, SLOWFAST])
def test_boxes_move_with_their_pixels(model: str, mode: Any) -> None:
    changes = {"num_frames": 8, "seconds": 1, "crop": 48, "side": 64, "flip": 1.0}
    transform = recipe_for(ptv_registry.resolve(model), changes=changes).build_transform(mode)
    torch.manual_seed(0)
    for _ in range(5):
        sample = transform(_marked([0.25, 0.375, 0.5, 0.625]))
        clip = sample["video"][-1] if isinstance(sample["video"], list) else sample["video"]
        rows, columns = torch.nonzero(clip[0, 0] > 0, as_tuple=True)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]

        assert torch.allclose(torch.stack(seen).float(), sample["boxes"][0], atol=2.0)
        assert [0.25, 0.375, 0.5, 0.625] == sample["given_boxes"][0].tolist()


def _sample(
    boxes: list[list[float]], labels: list[list[int]], scores: list[list[float]], width: int = 8
) -> dict[str, Any]:
    corners = torch.tensor(boxes).reshape(-1, 4)
    return {
        "video": torch.zeros(3, 2, 8, width),
        "boxes": corners,
        "given_boxes": corners / 8,
        "labels": labels,
        "extra_info": scores,
        "film": "a",
        "second": 1.0,
    }


def test_a_batch_has_all_boxes_with_the_number_of_their_clip() -> None:
    first = _sample([[0, 0, 4, 4], [1, 1, 2, 2]], [[1, 3], [2]], [[0.0, 0.0], [1.0]])
    batch = BoxCollate(3)([first, _sample([], [], []), _sample([[2, 2, 6, 6]], [[3]], [[0.0]])])

    assert [[0, 0, 0, 4, 4], [0, 1, 1, 2, 2], [2, 2, 2, 6, 6]] == batch["boxes"].tolist()
    assert [[1, 0, 1], [0, 1, 0], [0, 0, 1]] == batch["label"].tolist()
    assert (3, 3, 2, 8, 8) == batch["video"].shape


def test_boxes_that_a_crop_left_nothing_of_and_detections_of_a_low_score_are_left_out() -> None:
    boxes = [[0, 0, 4, 4], [7, 0, 7, 4], [0, 0, 4, 4], [1, 1, 3, 3]]
    batch = BoxCollate(2, box_score=0.8)([_sample(boxes, [[1], [1], [-1], [-1]], [[0.0], [0.0], [0.9], [0.7]])])

    assert [[0, 0, 0, 4, 4], [0, 0, 0, 4, 4]] == batch["boxes"].tolist()
    assert [True, False] == batch["has_label"].tolist()


def test_clips_of_several_sizes_are_batches_of_their_own() -> None:
    samples = [_sample([[0, 0, 4, 4]], [[1]], [[0.0]], width) for width in (8, 12, 8)]
    parts = parts_of(BoxCollate(1)(samples))

    assert [(2, 3, 2, 8, 8), (1, 3, 2, 8, 12)] == [tuple(part["video"].shape) for part in parts]
    assert 3 == Detection(["run"]).size(BoxCollate(1)(samples))


def test_an_action_beyond_the_classes_is_named() -> None:
    with pytest.raises(ArgumentError, match="action 4, and there are 3"):
        BoxCollate(3)([_sample([[0, 0, 4, 4]], [[4]], [[0.0]])])


def _knowing(part: dict[str, Any]) -> Any:
    """A model that is right about every box."""
    return lambda clips, boxes: (part["label"] * 2 - 1) * 9


def test_perfect_scores_of_given_boxes_have_a_frame_map_of_one(moving: tuple[Path, Path]) -> None:
    task = Detection(MOVES)
    data = Detection.data({"box_score": 0.8})
    recipe = recipe_for(ptv_registry.resolve(MODEL), changes={"num_frames": 4, "seconds": 1, "side": 64})
    dataset: Any = data.validation(spec(*moving), recipe, MOVES, on_error="raise")
    batch = data.collate(dataset, MOVES)([dataset[number] for number in range(6)])  # type: ignore[misc]
    task.validate(_knowing(batch), batch)
    values = task.results(torch.device("cpu"))

    assert list(MOVES) == data.classes(dataset)
    assert 1.0 == values["frame_map"]
    assert values["loss"] < 0.01
    assert 6 * 2 * 3 == len(task.tables["detections"])


def test_boxes_of_a_detector_are_measured_by_the_ground_truth_and_excluded_frames_do_not_count(
    moving: tuple[Path, Path], tmp_path: Path
) -> None:
    videos, truth = moving
    rows = truth.read_text().splitlines()
    found = tmp_path / "found.csv"
    # a detector that finds every person, the last a little beside, and one that nobody is
    boxes = [",".join([*row.split(",")[:6], "", "0.95"]) for row in rows]
    found.write_text("\n".join([*boxes, "clip000,1,0.0,0.0,0.05,0.05,,0.9", "clip000,1,0.0,0.0,0.9,0.9,,0.1"]) + "\n")
    excluded = tmp_path / "excluded.csv"
    excluded.write_text("clip000,1\n")
    results = []
    for left_out in ("", str(excluded)):
        task = Detection(MOVES, ground_truth=str(truth), excluded=left_out)
        data = Detection.data({"box_score": 0.8})
        recipe = recipe_for(ptv_registry.resolve(MODEL), changes={"num_frames": 4, "seconds": 1, "side": 64})
        source = f"ava(frame_paths_file={str(videos)!r}, frame_labels_file={str(found)!r})"
        dataset: Any = data.validation(source, recipe, MOVES, on_error="raise")
        batch = data.collate(dataset, MOVES)([dataset[number] for number in range(6)])  # type: ignore[misc]
        actions = {tuple(row.split(",")[2:6]): int(row.split(",")[6]) for row in rows}
        knows = torch.full((len(batch["boxes"]), 3), -9.0)
        for number, box in enumerate(batch["given_boxes"].tolist()):
            action = actions.get(tuple(f"{corner:.4f}" for corner in box), 1)
            knows[number, action - 1] = 9.0 if number else 9.5
        task.validate(lambda clips, boxes, knows=knows: knows, batch)  # type: ignore[arg-type]
        results.append(float(task.results(torch.device("cpu"))["frame_map"]))

    assert 13 == len(batch["boxes"])  # that of a score of 0.1 is left out
    assert 0.9 < results[0] < 1.0
    assert 1.0 == results[1]


def test_a_model_without_boxes_is_refused() -> None:
    with pytest.raises(ArgumentError, match="slow_r50_detection"):
        Detection(MOVES).build_model(ptv_registry.resolve("resnet(model_depth=18, stem_dim_out=4)"))
    with pytest.raises(ArgumentError, match="boxes_to_pixels"):
        Detection.data({"box_score": 0.8}).recipe(ptv_registry.resolve("slow_r50"), None)


@pytest.mark.parametrize("model", [MODEL, SLOWFAST])
def test_a_run_learns_and_is_evaluated_and_writes_what_the_official_evaluator_reads(
    model: str, moving: tuple[Path, Path], tmp_path: Path
) -> None:
    out, data = tmp_path / "run", spec(*moving)
    frames = INPUT if model is MODEL else INPUT.replace("num_frames=4", "num_frames=8")
    settings = ["--input", frames, "--epochs", "1", "--accelerator", "cpu", "--batch-size", "3", "--task", "detection"]
    trained = ptv("train", "--model", model, "--train", data, "--val", data, "--out", out, *settings)
    record = load_model(out / "best.ckpt")[1]
    found = ptv("eval", out / "best.ckpt", "--data", data, "--out", tmp_path / "report", "--workers", "0")
    detections = list(read_detections(tmp_path / "report" / "detections.csv"))
    precisions = frame_average_precisions(read_ground_truth(moving[1]), detections, {1, 2, 3})

    assert (MOVES, "per_label", True) == (record.categories, record.recipe.scores, record.recipe.boxes)
    assert found["metrics"]["frame_map"] == pytest.approx(trained["metrics"]["val_frame_map"], abs=1e-5)
    assert found["metrics"]["frame_map"] == pytest.approx(sum(precisions.values()) / 3, abs=1e-5)
    assert list(MOVES) == [row["class"] for row in found["classes"]]
