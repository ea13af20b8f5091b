"""The frame mAP of AVA, against figures of the official evaluator and by hand.

``reference_data/ava`` has generated cases; ``official.json`` is what ``Evaluation/get_ava_performance.py`` of
github.com/activitynet/ActivityNet says of them (of ``excluded`` without the rows of the excluded time stamps).
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from ptv_datasets import LabelFileError
from ptv_datasets.ava import AvaLabeledVideoFramePaths
from ptv_train.tasks.frame_map import (
    ActionBox,
    GroundTruth,
    average_precision,
    frame_average_precisions,
    read_detections,
    read_excluded,
    read_ground_truth,
)

_DATA = Path(__file__).parents[2] / "support" / "reference_data" / "ava"
_OFFICIAL = json.loads((_DATA / "official.json").read_text())
_FRAME = ("film", 902.0)
_LEFT, _RIGHT = (0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 1.0)


def _found(name: str) -> dict[int, float]:
    excluded = read_excluded(_DATA / "excluded_timestamps.csv") if name == "excluded" else set()
    _, actions = AvaLabeledVideoFramePaths.read_label_map(str(_DATA / f"{name}_actions.pbtxt"))
    truth = read_ground_truth(_DATA / f"{name}_truth.csv", excluded)
    return frame_average_precisions(truth, read_detections(_DATA / f"{name}_found.csv"), actions)


@pytest.mark.parametrize("name", list(_OFFICIAL))
def test_figures_are_those_of_the_official_evaluator(name: str) -> None:
    found = _found(name)
    official = {int(action): value for action, value in _OFFICIAL[name]["actions"].items()}
    known = [value for value in found.values() if not math.isnan(value)]

    assert official.keys() == found.keys()
    for action, value in official.items():
        assert math.isnan(found[action]) if value is None else value == pytest.approx(found[action], abs=1e-6)
    assert _OFFICIAL[name]["mean"] == pytest.approx(sum(known) / len(known), abs=1e-6)


@pytest.mark.parametrize("name", list(_OFFICIAL))
def test_perfect_boxes_have_an_average_precision_of_one(name: str) -> None:
    truth = read_ground_truth(_DATA / f"{name}_truth.csv")
    found = frame_average_precisions(truth, truth.boxes, {box.action for box in truth.boxes})

    assert {1.0} == set(found.values())


def test_the_second_box_around_one_person_is_wrong() -> None:
    truth = GroundTruth([_FRAME], [ActionBox(_FRAME, _LEFT, 1), ActionBox(_FRAME, _RIGHT, 1)])
    detections = [ActionBox(_FRAME, _LEFT, 1, 0.9), ActionBox(_FRAME, _LEFT, 1, 0.8), ActionBox(_FRAME, _RIGHT, 1, 0.7)]

    # right, wrong, right: the precision is 1 at half of the recall, and 2/3 at all of it
    assert {1: pytest.approx((1 + 2 / 3) / 2)} == frame_average_precisions(truth, detections, {1})


def test_boxes_that_overlap_by_less_than_half_are_wrong() -> None:
    truth = GroundTruth([_FRAME], [ActionBox(_FRAME, (0.0, 0.0, 1.0, 1.0), 1)])

    assert {1: 1.0} == frame_average_precisions(truth, [ActionBox(_FRAME, (0.0, 0.0, 0.5, 1.0), 1)], {1})
    assert {1: 0.0} == frame_average_precisions(truth, [ActionBox(_FRAME, (0.0, 0.0, 0.49, 1.0), 1)], {1})


def test_what_the_ground_truth_does_not_list_does_not_count() -> None:
    truth = GroundTruth([_FRAME], [ActionBox(_FRAME, _LEFT, 1)])
    detections = [ActionBox(("film", 903.0), _LEFT, 1, 0.9), ActionBox(_FRAME, _LEFT, 1, 0.5)]

    assert {1: 1.0} == frame_average_precisions(truth, detections, {1})
    assert math.isnan(frame_average_precisions(truth, detections, {1, 2})[2])


def test_nothing_found_is_zero() -> None:
    assert 0.0 == average_precision([], 3)


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_detections, "film,902,0,0,1,1,1,0.5\nfilm,902,0,0\n", "row 2"),
        (read_detections, "film,902,0,0,1,x,1,0.5\n", "row 1, column 6"),
        (read_excluded, "film\n", "row 1"),
        (read_excluded, "film,then\n", "column 2"),
    ],
)
def test_a_row_that_cannot_be_understood_is_named(reader: object, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)

    with pytest.raises(LabelFileError, match=message):
        list(reader(path))  # type: ignore[operator]
