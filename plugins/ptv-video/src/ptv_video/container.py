"""An open container: packets from a keyframe on, and the presentation times that they promise, without decoding."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO, Final, cast
from weakref import WeakSet

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from ptv_video.errors import VideoDecodeError
from ptv_video.source import VideoSource, is_uri, open_bytes

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

#: How far before the wanted place to look for a keyframe when the container's seek overshot, in seconds.
_STEPS_BACK: Final = (Fraction(0), Fraction(2), Fraction(12))

_HEAD_PACKETS: Final = 64


@dataclass
class Timeline:
    """The frames of one stretch of video.

    Attributes:
        pts: the frames' presentation times in ticks, ascending.
        keys: those of the keyframes from which the stretch can be decoded, ascending.
    """

    pts: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)


class Container:
    """A container opened by FFmpeg, with the errors of FFmpeg turned into :class:`VideoDecodeError`.

    Reading may open the file anew (some formats cannot seek back), after which streams taken from :attr:`av` before are
    dead: take them afresh.

    Args:
        source: see :data:`ptv_video.source.VideoSource`.
        name: what messages call it.
        threads: FFmpeg threads for each picture stream.
    """

    def __init__(self, source: VideoSource, name: str, threads: int) -> None:
        self.name = name
        self.pid = os.getpid()
        #: Whatever has to live exactly as long as this container (another decoder of the same file).
        self.companion: Any = None
        self._source = source
        self._threads = threads
        self._file: BinaryIO | None = None
        self._fresh = False
        #: Index of the first stream of pictures that has a decoder (cover art does not count), and of audio.
        self.pictures: int | None = None
        self.sound: int | None = None
        self._first_packets: dict[int, tuple[int | None, int | None]] = {}
        self.av = self._open()
        _LIVE.add(self)

    @property
    def label(self) -> str:
        """The path or URI, or the name of what has none."""
        return self._source if isinstance(self._source, str) else self.name

    def close(self) -> None:
        """Closes the container and the file, unless the caller brought the file."""
        self.companion = None
        self.av.close()
        self._close_file()

    def reopen(self) -> None:
        """Starts over with the file at its beginning and decoders that have seen nothing."""
        self.close()
        self.av = self._open()

    def error(self, cause: BaseException | str) -> VideoDecodeError:
        """A :class:`VideoDecodeError` that names the video."""
        text = cause if isinstance(cause, str) else f"cannot be decoded: {_words(cause)}"
        return VideoDecodeError(f"{self.label}: {text}", video=self.name)

    def packets(self, index: int, target: int | None) -> Iterator[Packet]:
        """Yields the packets of a stream in decoding order, from a keyframe presented at or before ``target``.

        Args:
            index: the stream's index; the others are skipped.
            target: a time in the stream's ticks; None starts at the first packet.
        """
        if target is not None:
            offset = target
            for step in _STEPS_BACK:
                offset -= int(step / self._tick(index))
                start = self._seek(index, offset)
                if start is None:
                    break
                first, rest = start
                if first.pts is not None and first.pts <= target:
                    yield first
                    yield from rest
                    return
                if first.dts is not None:
                    offset = min(offset, first.dts) - 1
        yield from self._from_beginning(index)

    def timeline(self, index: int, first: int, end: int) -> Timeline | None:
        """The frames presented in ``[first, end)`` ticks, from the packets alone; None if these do not tell."""
        found = Timeline()
        seen: set[int] = set()
        for packet in self.shown(index, first):
            if packet.pts is None or packet.pts in seen:
                return None
            if packet.is_keyframe:
                found.keys.append(packet.pts)
            if first <= packet.pts < end:
                seen.add(packet.pts)
            if packet.dts is not None and packet.dts >= end:
                break
        found.pts = sorted(seen)
        found.keys.sort()
        return found

    def shown(self, index: int, target: int | None) -> Iterator[Packet]:
        """As :meth:`packets`, without those that decode to nothing that is shown."""
        hides = self.av.streams[index].codec_context.name == "vp8"
        for packet in self.packets(index, target):
            if packet.is_discard or (hides and packet.size and not bytes(packet)[0] & _VP8_SHOWN):
                continue
            yield packet

    def head(self, index: int) -> list[Packet]:
        """The first packets of a stream, as many as it takes to know which of its frames is shown first."""
        packets: list[Packet] = []
        lowest: int | None = None
        for packet in self.shown(index, None):
            packets.append(packet)
            if packet.pts is not None:
                lowest = packet.pts if lowest is None else min(lowest, packet.pts)
            ordered = lowest is not None and packet.dts is not None and packet.dts >= lowest and len(packets) > 2
            if ordered or len(packets) >= _HEAD_PACKETS:
                break
        return packets

    def last_end(self, index: int, frame_ticks: int | None) -> int | None:
        """Where the last frame ends, in ticks: from the tail of the file, or from all of it where that fails.

        Args:
            index: the stream's index.
            frame_ticks: how long a frame lasts whose packet does not say; None if the file states no credible rate,
                so that the last frame lasts as long as the one before it.
        """
        for reading in self._tail(index), self._from_beginning(index):
            ends = {cast(int, p.pts): p.duration or frame_ticks or 0 for p in reading if _is_whole(p)}
            if ends:
                last = max(ends)
                before = max((pts for pts in ends if pts < last), default=None)
                if frame_ticks is None and before is not None:
                    return last + (last - before)
                return last + max(1, ends[last])
        return None

    def promised_end(self, index: int, origin: int, frame_ticks: int) -> int | None:
        """Where the header says that the last frame ends, if the file stops short of that; in ticks."""
        stream = self.av.streams[index]
        formats = set(self.av.format.name.split(","))
        if "mov" in formats and stream.index_entries:
            first, last = stream.index_entries[0], stream.index_entries[-1]
            if last.pos + last.size > self.av.size > 0:
                return origin + last.timestamp - first.timestamp + frame_ticks
        if "avi" in formats and stream.frames:
            return origin + stream.frames * frame_ticks
        return None

    def _tail(self, index: int) -> Iterator[Packet]:
        stream = self.av.streams[index]
        length = stream.duration
        if length is None and self.av.duration is not None:
            length = int(Fraction(self.av.duration, av.time_base) / self._tick(index))
        start = self._seek(index, (stream.start_time or 0) + length) if length else None
        if start is not None:
            yield start[0]
            yield from start[1]

    def _seek(self, index: int, offset: int) -> tuple[Packet, Iterator[Packet]] | None:
        """The first keyframe packet after a seek and the packets that follow it."""
        self._fresh = False
        try:
            self.av.seek(offset, stream=self.av.streams[index])
        except (av.FFmpegError, OverflowError):
            return None
        rest = self._read(index)
        for packet in rest:
            if packet.is_keyframe and not packet.is_discard:
                return packet, rest
        return None

    def _from_beginning(self, index: int) -> Iterator[Packet]:
        if not self._fresh:
            dts, position = self._first_packets.get(index, (None, None))
            start = self._seek(index, dts) if dts is not None else None
            if start is not None and (start[0].dts, start[0].pos) == (dts, position):
                yield start[0]
                yield from start[1]
                return
            self.reopen()
        yield from self._read(index)

    def _read(self, index: int) -> Iterator[Packet]:
        # A first reading also notes how the other stream begins, by which a later rewind is known to have succeeded.
        wanted = {self.pictures, self.sound} if self._fresh else {index}
        noting, self._fresh = self._fresh, False
        container = self.av
        for stream in container.streams:
            stream.discard = Discard.default if stream.index in wanted else Discard.all
        try:
            for packet in container.demux([stream for stream in container.streams if stream.index in wanted]):
                if packet.pts is None and packet.dts is None and not packet.size:
                    continue  # a dummy that flushes
                if noting:
                    self._first_packets.setdefault(packet.stream_index, (packet.dts, packet.pos))
                if packet.stream_index == index:
                    yield packet
                    if self.av is not container:
                        msg = "the file was opened anew while it was being read"
                        raise RuntimeError(msg)
        except (av.FFmpegError, ValueError, OSError) as error:
            raise self.error(error) from error

    def _tick(self, index: int) -> Fraction:
        return self.av.streams[index].time_base or Fraction(1, av.time_base)

    def _open(self) -> InputContainer:
        target: Any
        if isinstance(self._source, str) and not is_uri(self._source):
            target = f"file:{self._source}"
            if os.path.isdir(self._source):
                msg = "is a folder; a folder of images is read by the decoder 'frames'"
                raise self.error(msg)
        else:
            target = self._file = open_bytes(self._source, self.name)
        try:
            container = av.open(target, metadata_errors="ignore", buffer_size=1 << 18)
        except (av.FFmpegError, ValueError, OSError, IndexError) as error:
            self._close_file()
            msg = f"{self.label}: cannot be opened as a video: {_words(error)}"
            raise VideoDecodeError(msg, video=self.name) from error
        self.pictures = self.sound = None
        for stream in container.streams:
            if stream.codec_context is None:
                continue  # no decoder knows it
            if isinstance(stream, VideoStream) and not stream.disposition & Disposition.attached_pic:
                stream.codec_context.thread_count = self._threads
                stream.codec_context.thread_type = "AUTO"
                self.pictures = stream.index if self.pictures is None else self.pictures
            elif isinstance(stream, AudioStream):
                self.sound = stream.index if self.sound is None else self.sound
        self._fresh = True
        return container

    def _close_file(self) -> None:
        if self._file is not None and self._file is not self._source:
            self._file.close()
        self._file = None


def _is_whole(packet: Packet) -> bool:
    return packet.pts is not None and not packet.is_discard and not packet.is_corrupt


_VP8_SHOWN: Final = 0x10


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


_LIVE: Final[WeakSet[Container]] = WeakSet()
_FORKED: Final[list[Container]] = []

# A forked process has none of the decoders' threads: freeing a decoder there would wait for them forever, and closing
# the file is the parent's business. So what was open at the fork is never freed in the child.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _FORKED.extend(_LIVE))
