"""Passes over an iterable dataset."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytorchvideo.data.iterable_clips import IterableClips

logger = logging.getLogger(__name__)


class ClipIterator:
    """One pass over a dataset, started by the first sample, in the process that asks for it.

    ``iter()`` of one that has ended begins another pass, as it does of the original's datasets, which are their own
    iterators: ``chain.from_iterable(repeat(iter(dataset), 2))`` is two passes.

    Args:
        dataset: the dataset.
    """

    def __init__(self, dataset: IterableClips) -> None:
        self._dataset = dataset
        self._samples: Iterator[Any] | None = None
        self._ended = False

    def __iter__(self) -> ClipIterator:
        if self._ended:
            self._samples, self._ended = None, False
        return self

    def __next__(self) -> Any:
        if self._samples is None:
            self._samples = self._dataset.begin_pass()
        try:
            return next(self._samples)
        except StopIteration:
            if not self._ended and len(self._dataset.failures):
                logger.warning("%s", self._dataset.failures)
            self._ended = True
            raise

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_samples": None}
