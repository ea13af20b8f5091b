"""The frame mAP of AVA: average precision of boxes with actions at IoU 0.5, by the official protocol.

https://research.google.com/ava/ and the ActivityNet challenge say how: a key frame keeps its 50 best detections; going
down by score, one is right if the box of its action that it overlaps most has an IoU of at least 0.5 and was not found
before; the precision is made to fall with the recall, and the area below it is the action's. Only key frames that the
ground truth lists count, and of these none that is excluded.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ptv_datasets.annotations.ava_lists import read_boxes, read_moments
from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.row_tables import RowFile, stripped

IOU: Final = 0.5
MOST_DETECTIONS: Final = 50
"""Of a key frame, over all actions."""

_DETECTIONS: Final = "; there are 8: video, time stamp, x1, y1, x2, y2, action, and score (or none)"

KeyFrame = tuple[str, float]
"""Name of the video, and second, to a millionth."""
Corners = tuple[float, float, float, float]


class ActionBox(NamedTuple):
    """A box with an action, given or found; x1, y1, x2, y2 in shares of the frame."""

    frame: KeyFrame
    box: Corners
    action: int
    score: float = 1.0


class GroundTruth(NamedTuple):
    """What is to be found: the key frames that count, and their boxes with actions."""

    frames: Collection[KeyFrame]
    boxes: Sequence[ActionBox]


def key_frame(video: str, second: float) -> KeyFrame:
    """The key frame of a second of a video."""
    return video, round(float(second), 6)


def read_ground_truth(path: Any, excluded: Collection[KeyFrame] = ()) -> GroundTruth:
    """The boxes of ``ava_val_v2.2.csv`` or a file like it, without those of excluded key frames.

    Raises:
        LabelFileError: the file cannot be understood; the message names row and column.
    """
    frames: dict[KeyFrame, None] = {}
    boxes = []
    for table in read_boxes(path):
        moments = [key_frame(*moment) for moment in zip(table.videos, table.seconds.tolist(), strict=True)]
        frames.update((frame, None) for frame in moments if frame not in excluded)
        rows = zip(table.boxed.tolist(), table.corners.tolist(), table.actions.tolist(), strict=True)
        for place, corners, action in rows:
            if moments[place] not in excluded:
                boxes.append(ActionBox(moments[place], tuple(corners), action))
    return GroundTruth(frames.keys(), boxes)


def read_excluded(path: Any) -> set[KeyFrame]:
    """The key frames of ``ava_val_excluded_timestamps_v2.2.csv``: rows of a video and a time stamp.

    Raises:
        LabelFileError: the file cannot be understood; the message names row and column.
    """
    return {key_frame(*moment) for moment in read_moments(path)}


def read_detections(path: Any) -> Iterator[ActionBox]:
    """What was found: rows of video, time stamp, x1, y1, x2, y2, action and score; without a score it is 1.

    Raises:
        LabelFileError: the file cannot be understood; the message names row and column.
    """
    for table in RowFile(path, read_text(path)).tables(8, narrower=(2, 7), meant=_DETECTIONS):
        # A row of a video and a time stamp alone is a key frame in which nothing was found.
        table = table.where([place for place, cell in enumerate(table.columns()[2]) if cell.strip()])
        videos, times, *corners, actions, scores = [stripped(cells) for cells in table.columns()] or [()] * 8
        boxes = [table.real_numbers(column, cells).tolist() for column, cells in enumerate(corners, 3)]
        columns = (
            videos,
            table.real_numbers(2, times).tolist(),
            *boxes,
            np.frombuffer(table.whole_numbers(7, actions), np.int64).tolist(),
            table.real_numbers(8, tuple(score or "1" for score in scores)).tolist(),
        )
        for video, second, x1, y1, x2, y2, action, score in zip(*columns, strict=True):
            yield ActionBox(key_frame(video, second), (x1, y1, x2, y2), action, score)


def frame_average_precisions(
    truth: GroundTruth, detections: Iterable[ActionBox], actions: Collection[int]
) -> dict[int, float]:
    """The average precision of each action, NaN for one that the ground truth lacks.

    Args:
        truth: what is to be found.
        detections: what was found.
        actions: those that count; boxes with others are left out before a frame keeps its 50 best.
    """
    wanted: dict[int, dict[KeyFrame, list[Corners]]] = {action: {} for action in actions}
    for given in truth.boxes:
        if given.action in wanted:
            wanted[given.action].setdefault(given.frame, []).append(given.box)
    hits: dict[int, list[tuple[float, bool]]] = {action: [] for action in actions}
    for frame, found in _best_of_each_frame(truth, detections, wanted).items():
        for action in {detection.action for detection in found}:
            of_action = [each for each in found if each.action == action]
            hits[action] += _hits(of_action, wanted[action].get(frame, []))
    return {
        action: average_precision(hits[action], sum(map(len, frames.values()))) for action, frames in wanted.items()
    }


def average_precision(hits: Sequence[tuple[float, bool]], wanted: int) -> float:
    """The area below precision over recall, the precision made to fall with the recall; NaN if nothing is wanted.

    Args:
        hits: of each detection the score, and whether it is right.
        wanted: how many boxes there are to find.
    """
    if not wanted:
        return math.nan
    if not hits:
        return 0.0
    scores = np.array([score for score, _ in hits])
    right = np.array([is_right for _, is_right in hits])[np.argsort(scores)[::-1]]
    found = np.cumsum(right)
    precision = found / np.arange(1, len(right) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(falling[right]) / wanted)


def _best_of_each_frame(
    truth: GroundTruth, detections: Iterable[ActionBox], actions: Collection[int]
) -> dict[KeyFrame, list[ActionBox]]:
    """The best detections of each key frame that counts, best first."""
    frames = set(truth.frames)
    kept: dict[KeyFrame, list[tuple[float, int, float, float, float, float]]] = {}
    for found in detections:
        if found.frame not in frames or found.action not in actions:
            continue
        heap = kept.setdefault(found.frame, [])
        x1, y1, x2, y2 = found.box
        item = (found.score, found.action, y1, x1, y2, x2)
        if len(heap) < MOST_DETECTIONS:
            heapq.heappush(heap, item)
        elif found.score > heap[0][0]:
            heapq.heapreplace(heap, item)
    return {
        frame: [
            ActionBox(frame, (x1, y1, x2, y2), action, score)
            for score, action, y1, x1, y2, x2 in sorted(heap, key=lambda item: -item[0])
            if x1 < x2 and y1 < y2
        ]
        for frame, heap in kept.items()
    }


def _hits(found: Sequence[ActionBox], wanted: Sequence[Corners]) -> list[tuple[float, bool]]:
    """Which detections of an action in a key frame, best first, are right."""
    if not wanted:
        return [(each.score, False) for each in found]
    overlaps = _ious(np.array([each.box for each in found]), np.array(wanted))
    nearest = overlaps.argmax(1)
    seen: set[int] = set()
    hits = []
    for number, each in enumerate(found):
        box = int(nearest[number])
        is_right = bool(overlaps[number, box] >= IOU) and box not in seen
        if is_right:
            seen.add(box)
        hits.append((each.score, is_right))
    return hits


def _ious(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """(N, M): intersection over union of boxes (N, 4) and (M, 4)."""
    low = np.maximum(one[:, None, :2], two[None, :, :2])
    high = np.minimum(one[:, None, 2:], two[None, :, 2:])
    shared = (high - low).clip(min=0).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (one, two)]
    return shared / (areas[0][:, None] + areas[1][None] - shared)
