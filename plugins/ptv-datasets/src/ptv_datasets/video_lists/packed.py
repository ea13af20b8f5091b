"""Many objects in one piece of memory, which worker processes share instead of copying it."""

from __future__ import annotations

import pickle
import zlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final, overload

import numpy as np
import torch

from ptv_datasets.video_lists.exact_seconds import checked

_COMPRESSED_FROM: Final = 2048  # bytes


class Packed(Sequence[Any]):
    """Objects that can be pickled; each is recreated whenever it is requested.

    A process that only holds an object counts references to it, and so copies, page by page, what a fork shared with it; and
    pickles it whole when it is spawned. Tensors are shared both ways.

    Args:
        items: the objects.
    """

    def __init__(self, items: Iterable[Any] = ()) -> None:
        buffer, ends = bytearray(), array("q")
        for item in items:
            buffer += _bytes_of(item)
            ends.append(len(buffer))
        self._bytes = torch.from_numpy(np.frombuffer(buffer or bytearray(1), np.uint8))
        self._ends = torch.from_numpy(np.frombuffer(ends or array("q", [0]), np.int64)[: len(ends)])

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        index = checked(index, len(self))
        start = int(self._ends[index - 1]) if index else 0
        return _object_of(self._bytes[start : int(self._ends[index])].numpy().tobytes())


def _bytes_of(item: Any) -> bytes:
    plain = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
    return plain if len(plain) < _COMPRESSED_FROM else zlib.compress(plain, 1)


def _object_of(content: bytes) -> Any:
    # A pickle begins with 0x80, what zlib wrote with 0x78. Both were written by this process or the one that started it.
    return pickle.loads(content if content[0] == 0x80 else zlib.decompress(content))
