"""What packets promise about the presentation times of frames, without decoding."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
from av.packet import Packet

from ptv_video.containers.container import Container
from ptv_video.timeline.clip_frames import TICKS, ascending

#: Codecs in which each packet is one frame, so that the packets' times are the frames' times. In others a packet may
#: hold no frame or several, and the frames have to be decoded to be counted.
ONE_FRAME_PER_PACKET: Final = frozenset(
    (
        "h264",
        "hevc",
        "vvc",
        "mpeg4",
        "mpeg1video",
        "mpeg2video",
        "vp8",
        "vp9",
        "libvpx-vp9",
        "av1",
        "libdav1d",
        "mjpeg",
        "png",
        "gif",
        "rawvideo",
        "prores",
        "dnxhd",
        "ffv1",
        "huffyuv",
        "ffvhuff",
        "utvideo",
        "magicyuv",
        "h263",
        "flv",
        "msmpeg4",
        "msmpeg4v2",
        "wmv1",
        "wmv2",
        "dvvideo",
        "jpeg2000",
        "libopenjpeg",
        "bmp",
    )
)

_HEAD_PACKETS: Final = 64


@dataclass
class Timeline:
    """The frames of one stretch of video.

    Attributes:
        pts: the frames' presentation times in ticks, ascending. Where none starts in the stretch, the one that is on
            the screen: a frame is presented until the next one.
        keys: those of the keyframes from which the stretch can be decoded, ascending.
    """

    pts: Sequence[int] = ()
    keys: Sequence[int] = ()


def timeline(container: Container, index: int, first: int, end: int) -> Timeline | None:
    """The frames presented in ``[first, end)`` ticks, from the packets alone; None if these do not tell."""
    times, keys = array(TICKS), array(TICKS)
    held: int | None = None
    for packet in shown(container, index, first):
        if packet.pts is None:
            return None
        if packet.is_keyframe:
            keys.append(packet.pts)
        if first <= packet.pts < end:
            times.append(packet.pts)
        elif packet.pts < end:
            held = packet.pts if held is None else max(held, packet.pts)
        if packet.dts is not None and packet.dts >= end:
            break
    if not times and held is None:
        return None
    distinct = ascending(times)
    if len(distinct) < len(times):
        return None
    return Timeline(distinct if held is None or times else [held], ascending(keys))


def timeline_of(times: Sequence[int], first: int, end: int) -> Timeline:
    """As :func:`timeline`, of frames whose times are known, ascending."""
    begin, stop = bisect_left(times, first), bisect_left(times, end)
    return Timeline(times[begin:stop] if begin < stop else [times[max(0, begin - 1)]])


def shown(container: Container, index: int, target: int | None) -> Iterator[Packet]:
    """As :meth:`Container.packets`, without those that decode to nothing that is shown."""
    hides = container.av.streams[index].codec_context.name == "vp8"
    for packet in container.packets(index, target):
        if packet.is_discard or (hides and packet.size and not bytes(packet)[0] & _VP8_SHOWN):
            continue
        yield packet


def head(container: Container, index: int) -> list[Packet]:
    """The first packets of a stream, as many as it takes to know which of its frames is shown first."""
    packets: list[Packet] = []
    lowest: int | None = None
    for packet in shown(container, index, None):
        packets.append(packet)
        if packet.pts is not None:
            lowest = packet.pts if lowest is None else min(lowest, packet.pts)
        ordered = lowest is not None and packet.dts is not None and packet.dts >= lowest and len(packets) > 2
        if ordered or len(packets) >= _HEAD_PACKETS:
            break
    return packets


def last_end(container: Container, index: int, frame_ticks: int | None) -> int | None:
    """Where the last frame ends, in ticks: from the tail of the file, or from all of it where that fails.

    Args:
        index: the stream's index.
        frame_ticks: how long a frame lasts whose packet does not say; None if the file states no credible rate,
            so that the last frame lasts as long as the one before it.
    """
    for reading in _tail(container, index), container.from_beginning(index):
        ends = {cast(int, p.pts): p.duration or frame_ticks or 0 for p in reading if _is_whole(p)}
        if ends:
            last = max(ends)
            before = max((pts for pts in ends if pts < last), default=None)
            if frame_ticks is None and before is not None:
                return last + (last - before)
            return last + max(1, ends[last])
    return None


def promised_end(container: Container, index: int, origin: int, frame_ticks: int) -> int | None:
    """Where the header says that the last frame ends, if the file stops short of that; in ticks."""
    stream = container.av.streams[index]
    formats = set(container.av.format.name.split(","))
    if "mov" in formats and stream.index_entries:
        first, last = stream.index_entries[0], stream.index_entries[-1]
        if last.pos + last.size > container.av.size > 0:
            return origin + last.timestamp - first.timestamp + frame_ticks
    if "avi" in formats and stream.frames:
        # Some of the chunks that the header counts are empty. The demuxer numbers all of them, so that its last number
        # tells whether they are there, where the decoded frames, of which there are fewer, would not.
        numbers = [packet.dts for packet in container.from_beginning(index) if packet.dts is not None]
        if numbers and max(numbers) + 1 >= stream.frames:
            return None
        return origin + stream.frames * frame_ticks
    return None


def _tail(container: Container, index: int) -> Iterator[Packet]:
    stream = container.av.streams[index]
    length = stream.duration
    if length is None and container.av.duration is not None:
        length = int(Fraction(container.av.duration, av.time_base) / container.tick(index))
    start = container.seek(index, (stream.start_time or 0) + length) if length else None
    if start is not None:
        yield start[0]
        yield from start[1]


def _is_whole(packet: Packet) -> bool:
    return packet.pts is not None and not packet.is_discard and not packet.is_corrupt


_VP8_SHOWN: Final = 0x10
