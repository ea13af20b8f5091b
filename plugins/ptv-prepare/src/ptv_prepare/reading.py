"""Reading a source from end to end: every frame with its time, or an error that says what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
from av.audio.frame import AudioFrame
from av.format import Flags
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ptv_video import PyAVVideo, VideoDecodeError
from ptv_video.containers.container import Container
from ptv_video.timeline.packet_times import ONE_FRAME_PER_PACKET

_TAIL_S: Final = 2
#: A picture may be held for long, but a frame that comes so late, and after the end that the file states, is damaged.
MOST_PAUSE_S: Final = 60

_ERRORS: Final = (av.FFmpegError, ValueError, OSError, MemoryError)


@dataclass(frozen=True)
class Header:
    """What a file says about itself; sizes as it is shown, ``frames`` is None where only decoding would tell."""

    duration: Fraction
    width: int | None
    height: int | None
    fps: Fraction | None
    frames: int | None
    audio: bool


def read_header(path: str, *, tail: bool = True) -> Header:
    """Opens a file, and decodes its first frame and, if asked, its last seconds, which truncated files lack.

    Raises:
        VideoDecodeError: it cannot be opened or decoded, or is truncated.
    """
    with PyAVVideo(path, decode_audio=True, threads=1) as video:
        duration, size = video.exact_duration, video.size
        if tail and video.has_video:
            last = max(Fraction(0), duration - _TAIL_S)
            video.check_clip(last, duration, select=lambda count: range(max(0, count - 1), count))
        width, height = (None, None) if size is None else (size[1], size[0])
        return Header(duration, width, height, video.fps, video.num_frames, video.has_audio)


_SOUND_JUMP_S: Final = Fraction(1, 2)


class Source:
    """A file read once, from its beginning or from a time on; a context.

    Times are seconds from where the file starts (its first picture or sound, whichever is earlier).

    Args:
        path: the file.

    Raises:
        VideoDecodeError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.container = Container(path, path, 1)
        self.path = path

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()

    @property
    def pictures(self) -> VideoStream:
        """The stream of pictures; fetched at each use, because the file may be reopened."""
        if self.container.pictures is None:
            raise self.container.error("has no pictures")
        return cast(VideoStream, self.container.av.streams[self.container.pictures])

    @property
    def rate(self) -> Fraction:
        """Frames per second, as far as the file says; else 25."""
        rates = (self.pictures.average_rate, self.pictures.guessed_rate)
        return next((rate for rate in rates if rate and rate <= 1000), Fraction(25))

    @property
    def start(self) -> Fraction:
        """Where the file starts by its own clock, in seconds."""
        return Fraction(self.container.av.start_time or 0, av.time_base)

    @property
    def _stated(self) -> Fraction:
        """How long the file says that it is, in seconds; 0 if it does not."""
        return Fraction(self.container.av.duration or 0, av.time_base)

    def frames(
        self, alive: Callable[[], None], *, sound: bool, begin: Fraction = Fraction(0), end: Fraction | None = None
    ) -> Iterator[tuple[Fraction, VideoFrame | AudioFrame]]:
        """The pictures, and the sound if asked, in ``[begin, end)``, with their times; times of pictures rise.

        Sound frames may begin before ``begin`` and end behind ``end``. Sound that cannot be decoded is left out.

        Raises:
            VideoDecodeError: a picture cannot be decoded or is damaged.
        """
        pictures, audio = self.pictures.index, self.container.sound if sound else None
        wanted = [index for index in (pictures, audio) if index is not None]
        again = self.container.starts_again  # such a time line cannot be sought in
        was_read = bool(Flags(self.container.av.format.flags) & Flags.ts_discont)  # to know that
        if again or (not self._seek(pictures, begin) if begin else was_read):
            self.container.reopen()
        done: set[int] = set()
        last = None
        sound_end = shift = Fraction(0)
        for packet in self._packets(wanted):
            alive()
            if packet.stream_index in done:
                continue
            for time, frame in self._decoded(packet, last):
                if isinstance(frame, VideoFrame):
                    last = time
                elif again:
                    if time + shift < sound_end - _SOUND_JUMP_S:
                        shift = sound_end - time
                    time += shift
                    sound_end = time + _length(frame)
                if end is not None and time >= end:
                    done.add(packet.stream_index)
                elif time >= begin or (isinstance(frame, AudioFrame) and time + _length(frame) > begin):
                    yield time, frame
            if done.issuperset(wanted):
                return

    def count_pictures(self, alive: Callable[[], None]) -> int:
        """Decodes all pictures; how many there are.

        Raises:
            VideoDecodeError: one cannot be decoded, is damaged or is missing.
        """
        stream = self.pictures
        whole = stream.codec_context.name in ONE_FRAME_PER_PACKET
        index, packets, frames, interlaced, last = stream.index, 0, 0, False, None
        for packet in self._packets([index]):
            packets += bool(packet.size) and not packet.is_discard
            for time, frame in self._decoded(packet, last):
                frames, last = frames + 1, time
                interlaced = interlaced or bool(getattr(frame, "interlaced_frame", False))
            alive()
        if not frames:
            raise self.container.error("holds no frame that can be decoded")
        if whole and frames < packets and not interlaced and stream.codec_context.name != "vp8":
            raise self.container.error(f"{packets - frames} of {packets} frames cannot be decoded")
        return frames

    @property
    def _misleads(self) -> bool:
        """Whether the times of pictures are those of the packets as they lie in the file: AVI with B-frames."""
        return self.container.av.format.name == "avi" and bool(self.pictures.codec_context.has_b_frames)

    def _packets(self, wanted: list[int]) -> Iterator[Packet]:
        streams = [stream for stream in self.container.av.streams if stream.index in wanted]
        try:
            yield from self.container.av.demux(streams)
        except _ERRORS as error:
            if isinstance(error, VideoDecodeError):
                raise
            raise self.container.error(error) from error

    def _decoded(self, packet: Packet, last: Fraction | None) -> Iterator[tuple[Fraction, VideoFrame | AudioFrame]]:
        is_picture = packet.stream_index == self.container.pictures
        try:
            frames = packet.decode()
        except _ERRORS as error:
            if not is_picture:
                return
            where = "" if last is None else f"; the last frame before is at {float(last):.3f} s"
            raise self.container.error(f"a frame cannot be decoded{where}: {error}") from error
        for frame in frames:
            time = None
            if frame.pts is not None and not (is_picture and self._misleads):
                time = frame.pts * Fraction(frame.time_base or 0) - self.start
            if is_picture:
                if time is None or (last is not None and time <= last):
                    time = Fraction(0) if last is None else last + 1 / self.rate
                if last is not None and time - last > MOST_PAUSE_S and time > self._stated:
                    raise self.container.error(f"no frame between {float(last):.3f} and {float(time):.3f} s")
                if frame.is_corrupt:
                    raise self.container.error(f"the frame at {float(time):.3f} s is damaged")
                last = time
            if time is not None:
                yield time, frame

    def _seek(self, index: int, begin: Fraction) -> bool:
        """To a keyframe at or before a time; whether that worked."""
        container = self.container.av
        stream = container.streams[index]
        tick = stream.time_base or Fraction(1, av.time_base)
        try:
            container.seek(int((begin + self.start) / tick), stream=stream)
            first = next(iter(container.demux([stream])), None)
            if first is None or first.pts is None or first.pts * tick - self.start > begin:
                return False
            container.seek(int((begin + self.start) / tick), stream=stream)
        except (av.FFmpegError, OverflowError):
            return False
        return True


def _length(frame: AudioFrame) -> Fraction:
    return Fraction(frame.samples, frame.sample_rate or 1)
