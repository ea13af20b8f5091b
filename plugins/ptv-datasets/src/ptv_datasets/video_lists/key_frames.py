"""The key frames of AVA with their boxes, in memory that worker processes share."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, overload

import numpy as np
import torch

from ptv_datasets.annotations.ava_lists import BoxTable
from ptv_datasets.video_lists.exact_seconds import checked


class Place(NamedTuple):
    """What shows a moment of a video.

    Attributes:
        source: its number.
        begin: the second with which it begins.
        counts: whether there is a key frame at that moment.
    """

    source: int
    begin: float
    counts: bool = True


class KeyFrames(Sequence[dict[str, Any]]):
    """What is known about each key frame: boxes, labels, extra_info, video_index and clip_index.

    Key frames are in the order of their first rows, and so are the boxes of each; boxes are the same if their corners are.

    Args:
        boxes: the rows of the file.
        find: tells what shows a second of a video, ``None`` for nothing; moments that do not count are left out.
        allowed: the actions that count; ``None`` for all. Boxes without an action stay.

    Attributes:
        named: whether something shows a moment of each video that the file names.
    """

    def __init__(
        self, boxes: Iterable[BoxTable], find: Callable[[str, float], Place | None], allowed: set[int] | None = None
    ) -> None:
        rows = _Rows(boxes)
        groups, firsts = rows.groups()
        names = list(rows.videos)
        places = [find(names[video], second) for video, second in rows.moments(firsts)]
        self.named = dict.fromkeys(names, False)
        for place, video in zip(places, np.frombuffer(rows.video, np.int32)[firsts].tolist(), strict=True):
            self.named[names[video]] |= place is not None
        counts = np.array([place is not None and place.counts for place in places], bool)
        actions = np.frombuffer(rows.actions, np.int64)
        kept = counts[groups[rows.boxed]]
        if allowed is not None:
            kept &= np.isin(actions, [-1, *allowed])
        groups = groups[rows.boxed][kept]
        order = np.argsort(groups, kind="stable")
        numbers, starts = np.unique(groups[order], return_index=True)
        self._starts = torch.from_numpy(np.append(starts, len(order)))
        corners = np.stack([np.frombuffer(side, np.float64)[kept][order] for side in rows.corners], 1)
        self._corners = torch.from_numpy(corners)
        self._actions = torch.from_numpy(actions[kept][order])
        self._extras = torch.from_numpy(np.frombuffer(rows.extras, np.float64)[kept][order])
        found = [place for number in numbers.tolist() if (place := places[number]) is not None]
        #: For each key frame the number of its source.
        self.sources = torch.tensor([place.source for place in found], dtype=torch.int64)
        begins = np.array([place.begin for place in found], np.float64)
        self._seconds = torch.from_numpy(np.frombuffer(rows.second, np.float64)[firsts[numbers]] - begins)

    def __len__(self) -> int:
        return len(self._seconds)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        index = checked(index, len(self))
        rows = slice(int(self._starts[index]), int(self._starts[index + 1]))
        boxes: dict[tuple[float, ...], list[tuple[int, float]]] = {}
        columns = (part[rows].tolist() for part in (self._corners, self._actions, self._extras))
        for corners, action, extra in zip(*columns, strict=True):
            boxes.setdefault(tuple(corners), []).append((action, extra))
        return {
            "boxes": [list(corners) for corners in boxes],
            "labels": [[action for action, _ in entries] for entries in boxes.values()],
            "extra_info": [[extra for _, extra in entries] for entries in boxes.values()],
            "video_index": int(self.sources[index]),
            "clip_index": float(self._seconds[index]),
        }


class _Rows:
    """All rows, column by column."""

    def __init__(self, tables: Iterable[BoxTable]) -> None:
        self.videos: dict[str, int] = {}
        self.video, self.second = array("i"), array("d")
        self.corners = tuple(array("d") for _ in range(4))
        self.actions, self.extras, boxed = array("q"), array("d"), array("q")
        for table in tables:
            boxed.frombytes((table.boxed + len(self.video)).astype(np.int64).tobytes())
            for name in dict.fromkeys(table.videos):
                self.videos.setdefault(name, len(self.videos))
            self.video.extend(map(self.videos.__getitem__, table.videos))
            self.second.frombytes(table.seconds.tobytes())
            for side, column in zip(self.corners, table.corners.T, strict=True):
                side.frombytes(column.tobytes())
            self.actions.frombytes(table.actions.tobytes())
            self.extras.frombytes(table.extras.tobytes())
        #: Which rows have a box, an action and more.
        self.boxed = np.frombuffer(boxed, np.int64)

    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """For each row the number of its video and second, in the order of their first rows; and these rows."""
        video, second = np.frombuffer(self.video, np.int32), np.frombuffer(self.second, np.float64)
        order = np.lexsort((second, video))  # stable: the first row of a group comes first
        begins = np.ones(len(order), bool)
        begins[1:] = (np.diff(video[order]) != 0) | (np.diff(second[order]) != 0)
        firsts = order[begins]
        ranks = np.empty(len(firsts), np.int64)
        ranks[np.argsort(firsts)] = np.arange(len(firsts))
        groups = np.empty(len(order), np.int64)
        groups[order] = ranks[np.cumsum(begins) - 1]
        return groups, np.sort(firsts)

    def moments(self, rows: np.ndarray) -> Iterable[tuple[int, float]]:
        """The number of the video and the second of each of these rows."""
        video, second = np.frombuffer(self.video, np.int32), np.frombuffer(self.second, np.float64)
        return zip(video[rows].tolist(), second[rows].tolist(), strict=True)
