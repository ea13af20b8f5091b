"""Many labelled videos in little memory, which worker processes share."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final, overload

import numpy as np
import torch

from ptv_datasets.video_lists.videos import LabeledVideo, SharedVideos

_AT_ONCE: Final = 1 << 14


class ListedVideos(SharedVideos):
    """Videos of which only path and label are known; what a loader gives its workers is shared, not copied.

    Args:
        paths: where they are.
        labels: the numbers of their classes, -1 for none.
        names: the names of the classes in the order of their numbers; ``None`` where there are only numbers.
    """

    def __init__(self, paths: Iterable[str], labels: Sequence[int], names: Sequence[str] | None) -> None:
        buffer, lengths = bytearray(), array("q")
        paths = iter(paths)
        while part := [os.fsencode(path) for path in islice(paths, _AT_ONCE)]:
            buffer += b"".join(part)
            lengths.extend(map(len, part))
        self._bytes = torch.from_numpy(np.frombuffer(buffer or bytearray(1), np.uint8))
        self._ends = torch.from_numpy(np.cumsum(np.frombuffer(lengths, np.int64)))
        self._labels = torch.from_numpy(np.asarray(labels, np.int64))
        self.names = None if names is None else list(names)

    def renumbered(self, number_of: Callable[[LabeledVideo], int], names: Sequence[str]) -> ListedVideos:
        """The same videos with other labels; see :meth:`SharedVideos.renumbered`."""
        labels, firsts, places = np.unique(self._labels.numpy(), return_index=True, return_inverse=True)
        order = np.argsort(firsts)  # so that an error is about the first video
        numbers = np.empty(len(labels), np.int64)
        for place in order:
            numbers[place] = -1 if labels[place] == -1 else number_of(self[int(firsts[place])])
        found = ListedVideos.__new__(ListedVideos)
        found.__dict__ = {**self.__dict__, "_labels": torch.from_numpy(numbers[places]), "names": list(names)}
        return found

    def __len__(self) -> int:
        return len(self._labels)

    @overload
    def __getitem__(self, index: int) -> LabeledVideo: ...
    @overload
    def __getitem__(self, index: slice) -> list[LabeledVideo]: ...
    def __getitem__(self, index: int | slice) -> LabeledVideo | list[LabeledVideo]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"video {index} of {len(self)}")
        index %= len(self)
        start = int(self._ends[index - 1]) if index else 0
        path = os.fsdecode(self._bytes[start : int(self._ends[index])].numpy().tobytes())
        label = int(self._labels[index])
        name = "" if label == -1 else str(label) if self.names is None else self.names[label]
        return LabeledVideo(path, {"label": label, "label_name": name})
