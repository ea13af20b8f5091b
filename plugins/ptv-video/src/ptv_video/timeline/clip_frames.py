"""Which frames clips hold, by their times: a few bytes per frame, so that hours of video fit in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, overload

import numpy as np

#: The type of an array of ticks: signed, of eight bytes.
TICKS: Final = "q"


def ascending(times: array[int]) -> array[int]:
    """Each of the times once, ascending."""
    return array(TICKS, np.unique(np.frombuffer(times, np.int64)).tobytes())


class ClipFrames(Sequence[Sequence[int]]):
    """Per clip, the times of its frames in ticks, in the order in which the clip holds them.

    Args:
        clips: the times of each clip.
    """

    def __init__(self, clips: Iterable[Iterable[int]] = ()) -> None:
        self._times = array(TICKS)
        self._ends = array(TICKS, [0])
        for times in clips:
            self.append(times)

    def append(self, times: Iterable[int]) -> None:
        """Adds a clip."""
        self._times.extend(times)
        self._ends.append(len(self._times))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, number: int) -> Sequence[int]: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Sequence[int]]: ...

    def __getitem__(self, number: int | slice) -> Sequence[int] | Sequence[Sequence[int]]:
        if isinstance(number, slice):
            return [self[place] for place in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._times[self._ends[number] : self._ends[number + 1]]

    def distinct(self) -> Sequence[int]:
        """The times of all clips, each once, ascending."""
        return ascending(self._times)

    def in_order(self) -> Sequence[int]:
        """The numbers of the clips that have frames, by the time of their first one."""
        ends = np.frombuffer(self._ends, np.int64)
        filled = np.flatnonzero(np.diff(ends))
        if not len(filled):
            return array(TICKS)
        firsts = np.minimum.reduceat(np.frombuffer(self._times, np.int64), ends[filled])
        return array(TICKS, filled[np.argsort(firsts, kind="stable")].astype(np.int64).tobytes())


class Awaited:
    """Times, ascending and each once, of frames that are to come.

    Args:
        times: of all of them.
    """

    def __init__(self, times: Sequence[int]) -> None:
        self._times = times
        self._came = bytearray(len(times))
        self._first = 0
        #: How many have not come.
        self.count = len(times)

    def __contains__(self, time: int | None) -> bool:
        place = self._place(time)
        return place is not None and not self._came[place]

    def came(self, time: int | None) -> None:
        """Notes that the frame of this time, if it is one of them, has come."""
        place = self._place(time)
        if place is not None and not self._came[place]:
            self._came[place] = 1
            self.count -= 1

    @property
    def first(self) -> int | None:
        """The earliest that has not come."""
        while self._first < len(self._came) and self._came[self._first]:
            self._first += 1
        return self._times[self._first] if self._first < len(self._times) else None

    @property
    def missing(self) -> Sequence[int]:
        """Those that have not come, ascending."""
        return array(TICKS, (time for time, came in zip(self._times, self._came, strict=True) if not came))

    def _place(self, time: int | None) -> int | None:
        if time is None:
            return None
        place = bisect_left(self._times, time)
        return place if place < len(self._times) and self._times[place] == time else None
