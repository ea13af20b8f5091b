"""Which frames of a file belong to clips, and from which keyframes they can be decoded: from the packets alone."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from fractions import Fraction

from ptv_video.containers.container import Container
from ptv_video.decoders.picture_stream import PacketsMisleadError
from ptv_video.timeline.clip_frames import TICKS, ClipFrames, ascending
from ptv_video.timeline.clock import Clock
from ptv_video.timeline.packet_times import Timeline, timeline, timeline_of
from ptv_video.video import Select, chosen, first_tick


class ClipTimes:
    """Times of the frames of clips, in ticks as the clock has them.

    Args:
        container: the open file.
        index: of the stream of pictures.
        clock: of the video.
    """

    def __init__(self, container: Container, index: int, clock: Clock) -> None:
        self._container = container
        self._index = index
        self._clock = clock

    def wanted(
        self, spans: Iterable[tuple[Fraction, Fraction, Fraction]], select: Select | None
    ) -> tuple[ClipFrames, Sequence[int]]:
        """The times of each clip's frames, and of the keyframes that lie on the way, ascending.

        Args:
            spans: start, end and tolerance of each clip in seconds.
            select: see :meth:`ptv_video.Video.get_clip`.

        Raises:
            VideoDecodeError: a clip reaches beyond the end of a truncated file.
            ArgumentError: ``select`` chose a frame that there is not.
            PacketsMisleadError: the packets do not tell.
        """
        clock = self._clock
        ticks = []
        for start, end, tolerance in spans:
            first, last = (clock.origin + first_tick(bound, clock.tick, tolerance) for bound in (start, end))
            ticks.append((first, max(last, clock.origin + 1)))
        whole = self._sweep(ticks)
        frames = ClipFrames()
        keyframes = array(TICKS, () if whole is None else whole.keys)
        for first, last in ticks:
            if clock.readable_end is not None and min(last, clock.end) > clock.readable_end:
                readable, promised = (
                    float((end - clock.origin) * clock.tick) for end in (clock.readable_end, clock.end)
                )
                msg = f"is truncated: it ends at {readable:.6g} s, though its header promises {promised:.6g} s"
                raise self._container.error(msg)
            if whole is not None and bisect_left(whole.pts, last) > 0:
                found = timeline_of(whole.pts, first, last)
            else:  # also where it shows a frame from before the sweep
                found = self._timeline(max(first, clock.origin), last)
                keyframes.extend(found.keys)
            frames.append(found.pts[index] for index in chosen(select, len(found.pts), self._container.name))
        return frames, ascending(keyframes)

    def _sweep(self, ticks: Sequence[tuple[int, int]]) -> Timeline | None:
        """The packets of many clips that lie close together are read once for all; None where they do not."""
        clock = self._clock
        if len(ticks) < 2 or clock.readable_end is not None or clock.census is not None:
            return None
        first, end = min(first for first, _ in ticks), min(clock.end, max(last for _, last in ticks))
        if 2 * sum(last - first for first, last in ticks) < end - first:
            return None
        return self._timeline(max(first, clock.origin), end)

    def _timeline(self, first: int, end: int) -> Timeline:
        census = self._clock.census
        if census is not None:
            return timeline_of(census, first, end)
        found = timeline(self._container, self._index, first, end)
        if found is None:
            raise PacketsMisleadError
        return found
