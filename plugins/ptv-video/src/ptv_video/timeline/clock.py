"""A video's clock: where its first frame starts, where its last one ends, and what a tick is."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from ptv_video.decoders.picture_stream import PacketsMisleadError, PictureStream
from ptv_video.timeline.clip_frames import TICKS
from ptv_video.timeline.packet_times import ONE_FRAME_PER_PACKET, head, last_end, promised_end

#: In a file whose time line jumps back, a jump ahead by more seconds than this is not a held picture; ffmpeg uses the same limit.
_LONGEST_JUMP: Final = 10


@dataclass(frozen=True)
class Clock:
    """Ticks to seconds: the stream's tick and, in ticks, where its first frame starts and its last one ends."""

    tick: Fraction
    origin: int
    end: int
    #: Where the readable part ends, if the file is truncated.
    readable_end: int | None = None
    #: Per frame in the order of decoding, its time in ticks; None where the packets tell.
    census: Sequence[int] | None = None

    @property
    def duration(self) -> Fraction:
        """Seconds from the start of the first frame to the end of the last one."""
        return (self.end - self.origin) * self.tick


def read_clock(pictures: PictureStream) -> Clock:
    """The clock of a stream: from its packets, or by decoding it where these do not tell."""
    try:
        return _clock_of_packets(pictures)
    except PacketsMisleadError:
        return take_census(pictures)


def _clock_of_packets(pictures: PictureStream) -> Clock:
    container = pictures.container
    first = head(container, pictures.index)
    if not first:
        raise pictures.container.error("holds no frame")
    codec = pictures.stream.codec_context.name
    times = {packet.pts for packet in first}
    reordered = any(packet.pts != packet.dts for packet in first)
    if (
        container.starts_again
        or codec not in ONE_FRAME_PER_PACKET
        or None in times
        or len(times) < len(first)
        or (container.av.format.name == "avi" and reordered)
    ):
        raise PacketsMisleadError
    origin = min(pts for pts in times if pts is not None)
    if not first[0].is_keyframe or first[0].pts != origin:
        origin = _first_decoded(pictures)
    end = last_end(container, pictures.index, pictures.frame_ticks)
    if end is None or end <= origin:
        raise PacketsMisleadError
    return _with_promise(pictures, Clock(pictures.tick, origin, end))


def _first_decoded(pictures: PictureStream) -> int:
    for frame in pictures.frames(None):
        if frame.pts is None:
            break
        return frame.pts
    raise PacketsMisleadError


def take_census(pictures: PictureStream) -> Clock:
    """Decodes the whole video for the times of its frames; without usable ones they follow the frame rate.

    Where the time line starts again, its parts are put end to end, as ffmpeg does.
    """
    times = [frame.pts for frame in pictures.frames(None)]
    if not times:
        raise pictures.container.error(
            "holds no frame that can be decoded" + (f": {pictures.cause}" if pictures.cause else "")
        )
    step = pictures.frame_ticks or max(1, round(1 / (25 * pictures.tick)))
    known = [pts for pts in times if pts is not None]
    if pictures.container.starts_again:
        known = _end_to_end(known, step, int(_LONGEST_JUMP / pictures.tick))
    rising = len(known) == len(times) and all(a < b for a, b in pairwise(known))
    census = array(TICKS, known) if rising else range(0, step * len(times), step)
    return _with_promise(pictures, Clock(pictures.tick, census[0], census[-1] + step, census=census))


def _end_to_end(times: Sequence[int], step: int, most: int) -> list[int]:
    joined: list[int] = []
    shift = 0
    for pts in times:
        if joined and not joined[-1] < pts + shift <= joined[-1] + step + most:
            shift = joined[-1] + step - pts
        joined.append(pts + shift)
    return joined


def _with_promise(pictures: PictureStream, clock: Clock) -> Clock:
    step = pictures.frame_ticks or 1
    promised = promised_end(pictures.container, pictures.index, clock.origin, step)
    if promised is None or promised <= clock.end + step:
        return clock
    return replace(clock, end=promised, readable_end=clock.end)


def audio_clock(origin: Fraction, end: Fraction) -> Clock:
    """The clock of a file without pictures, from where its audio starts and ends in seconds."""
    tick = Fraction(1, origin.denominator * end.denominator)
    return Clock(tick, int(origin / tick), int(end / tick))
