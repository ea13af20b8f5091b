"""Videos of which more is known than path and label, in memory that worker processes share."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

import numpy as np
import torch

from ptv_datasets.video_lists.packed import Packed
from ptv_datasets.video_lists.videos import LabeledVideo, SharedVideos, Source


class PackedVideos(SharedVideos):
    """Videos, several of which may be parts of the same file or list of frames.

    Args:
        sources: the files, folders or paths of frames that there are; kept as they are.
        which: for each video the number of its source.
        infos: what is known about each video; a sequence is kept as it is.
        class_names: names of the classes in the order of their numbers.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        which: Iterable[int],
        infos: Iterable[dict[str, Any]],
        class_names: Sequence[str] | None = None,
    ) -> None:
        self._sources = sources
        self._which = torch.tensor(np.fromiter(which, np.int64))
        self._infos = infos if isinstance(infos, Sequence) else Packed(infos)
        self._shares = _sharing(sources)
        self.class_names = class_names

    def renumbered(self, number_of: Callable[[LabeledVideo], int], names: Sequence[str]) -> PackedVideos:
        """The same videos with other labels; see :meth:`SharedVideos.renumbered`."""
        numbers: dict[int, int] = {}

        def changed(video: LabeledVideo) -> dict[str, Any]:
            label = video.info.get("label")
            if not isinstance(label, int) or label == -1:
                return video.info
            if label not in numbers:
                numbers[label] = number_of(video)
            return {**video.info, "label": numbers[label], "label_name": names[numbers[label]]}

        found = PackedVideos.__new__(PackedVideos)
        found.__dict__ = {**self.__dict__, "_infos": Packed(map(changed, self)), "class_names": list(names)}
        return found

    def key(self, index: int) -> int:
        """See :meth:`SharedVideos.key`."""
        return int(self._which[index])

    def __len__(self) -> int:
        return len(self._which)

    @overload
    def __getitem__(self, index: int) -> LabeledVideo: ...
    @overload
    def __getitem__(self, index: slice) -> list[LabeledVideo]: ...
    def __getitem__(self, index: int | slice) -> LabeledVideo | list[LabeledVideo]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        info = self._infos[index]  # raises IndexError, and so ends an iteration
        source = int(self._which[index])
        return LabeledVideo(self._sources[source], info, bool(self._shares[source]))


def _sharing(sources: Sequence[Source]) -> torch.Tensor:
    """Whether each source is a list of frames in a folder in which frames of another one are too."""
    folders = [None if isinstance(source, str) else os.path.dirname(source[0]) for source in sources]
    times = Counter(folders)
    return torch.tensor([folder is not None and times[folder] > 1 for folder in folders], dtype=torch.bool)
