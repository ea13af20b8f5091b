"""The pictures of an open container: which frames are decoded, and which are left out."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from typing import Final, cast

import av
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from ptv_video.containers.container import Container
from ptv_video.decoders.pictures import Clips
from ptv_video.timeline.clip_frames import TICKS, Awaited

#: Decoders that leave out, when told so, frames to which no other refers.
_SKIPS_EXACTLY: Final = frozenset({"h264", "hevc", "mpeg4", "mpeg1video", "mpeg2video"})

#: Seeking to the next keyframe pays only when at least this many frames lie before it.
_WORTH_A_SEEK: Final = 8

_PREDICTED: Final = frozenset({PictureType.P, PictureType.B})

#: Some files give their clock's rate as the frame rate.
_CREDIBLE_RATE: Final = 1000


class PacketsMisleadError(Exception):
    """The packets' times are not the frames' times: the frames have to be decoded to know them."""


class PictureStream:
    """The pictures of a container.

    Args:
        container: the open file, which has pictures.

    Raises:
        VideoDecodeError: it has none.
    """

    def __init__(self, container: Container) -> None:
        if container.pictures is None:
            raise container.error("has no pictures")
        self.container = container
        self.index: int = container.pictures
        #: Why the last decoding left out a packet, if it did.
        self.cause: Exception | None = None
        #: The time, in ticks, of the last frame that the last decoding gave; None if it came to the end.
        self.reached: int | None = None

    @property
    def stream(self) -> VideoStream:
        """FFmpeg's stream; taken afresh each time, because the container may have been reopened."""
        return cast(VideoStream, self.container.av.streams[self.index])

    @property
    def tick(self) -> Fraction:
        """Seconds of a tick of the stream."""
        return self.stream.time_base or Fraction(1, 25)

    @property
    def fps(self) -> Fraction | None:
        """Average frames per second; None if the file states no credible rate."""
        rates = self.stream.average_rate, self.stream.guessed_rate
        return next((rate for rate in rates if rate and rate <= _CREDIBLE_RATE), None)

    @property
    def frame_ticks(self) -> int | None:
        """How long a frame lasts, in ticks; None if the file states no credible rate."""
        rate = self.fps
        return max(1, round(1 / (rate * self.tick))) if rate else None

    def frames(self, target: int | None) -> Generator[VideoFrame]:
        """All frames from a keyframe at or before ``target``, in ticks; from the beginning with None."""
        return self._decoded(self.container.packets(self.index, target))

    def fill(self, clips: Clips, keyframes: Sequence[int], origin: int) -> None:
        """Decodes the frames of clips, in one pass that leaves out what none of them needs.

        Args:
            clips: what is wanted; the keys are the frames' times in ticks.
            keyframes: the times of keyframes that lie on the way, ascending.
            origin: when the video starts, in ticks; for messages.

        Raises:
            VideoDecodeError: a frame cannot be decoded.
            PacketsMisleadError: the frames have other times than the packets.
        """
        worth = _WORTH_A_SEEK * (self.frame_ticks or 1)
        for run in _runs(clips.missing, keyframes, worth):
            if self._decode_run(clips, run, run[0], skip=True):
                continue
            # A run is mended before the next one, for later clips would all have to wait for this one.
            rest = array(TICKS, (key for key in run if clips.lacks(key)))
            if not self._decode_run(clips, rest, rest[0], skip=False):
                if not self._decode_run(clips, clips.missing, None, skip=False):
                    self._fail(clips, origin)
                return

    def _decode_run(self, clips: Clips, wanted: Sequence[int], target: int | None, skip: bool) -> bool:
        """Decodes from the keyframe at or before ``target`` until the wanted frames have come, or one of them has not.

        Returns:
            Whether they have all come.
        """
        skip = skip and self.stream.codec_context.name in _SKIPS_EXACTLY
        unsent, unseen, last = Awaited(wanted), Awaited(wanted), wanted[-1]
        entry: int | None = None

        def until_sent(packets: Iterator[Packet]) -> Iterator[Packet]:
            nonlocal entry
            for packet in packets:
                entry = packet.pts if entry is None else entry
                if skip:
                    packet.stream.codec_context.skip_frame = "DEFAULT" if packet.pts in unsent else "NONREF"
                unsent.came(packet.pts)
                yield packet
                if not unsent.count or (packet.dts is not None and packet.dts > last):
                    return

        entered = False
        self.reached = None
        with closing(self._decoded(until_sent(self.container.packets(self.index, target)))) as frames:
            for frame in frames:
                if frame.pts is None or self._is_field_pair(frame):
                    raise PacketsMisleadError
                if self.reached is not None and frame.pts <= self.reached:
                    raise PacketsMisleadError
                if entry is not None and frame.pts >= entry and not entered:
                    entered = True
                    if target is not None and (frame.pts != entry or frame.pict_type in _PREDICTED):
                        return False  # a gradual refresh begins here: nothing is whole before its end
                self.reached = frame.pts
                awaited = unseen.first
                if awaited is not None and frame.pts > awaited:
                    return False
                clips.put(frame.pts, frame)
                unseen.came(frame.pts)
                if not unseen.count:
                    return True
        self.reached = None
        return False

    def fill_by_number(self, clips: Clips, census: Sequence[int], origin: int) -> None:
        """As :meth:`fill`, decoding all from the beginning; ``census`` has the times of the frames that come."""
        with closing(self.frames(None)) as frames:
            for pts, frame in zip(census, frames, strict=False):
                clips.put(pts, frame)
                if clips.complete:
                    return
        self.reached = None
        if not clips.complete:
            self._fail(clips, origin)

    def _fail(self, clips: Clips, origin: int) -> None:
        lost = [key for key in clips.missing if self.reached is None or key < self.reached]
        places = ", ".join(f"{float((key - origin) * self.tick):.3f}" for key in lost[:3])
        msg = f"{len(lost)} frame(s) cannot be decoded, at {places} s"
        error = self.container.error(msg if self.cause is None else f"{msg}: {self.cause}")
        raise error from self.cause

    def _is_field_pair(self, frame: VideoFrame) -> bool:
        """Two packets may make one frame: interlaced H.264 and HEVC outside of MP4 and Matroska."""
        if not frame.interlaced_frame:
            return False
        names = set(self.container.av.format.name.split(","))
        return self.stream.codec_context.name in {"h264", "hevc"} and not names & {"mov", "matroska"}

    def _decoded(self, packets: Iterator[Packet]) -> Generator[VideoFrame]:
        """Decodes; a packet that cannot be decoded is left out and remembered as the cause of what will be missing."""
        self.cause = None
        context = None
        try:
            for packet in packets:
                context = packet.stream.codec_context
                try:
                    yield from packet.decode()
                except (av.FFmpegError, ValueError, OSError, MemoryError) as error:
                    self.cause = error
            if context is not None:
                context.skip_frame = "DEFAULT"
                try:
                    yield from context.decode(None)
                except (av.FFmpegError, ValueError, OSError, MemoryError) as error:
                    self.cause = self.cause or error
        finally:
            if context is not None:
                context.flush_buffers()
                context.skip_frame = "DEFAULT"


def _runs(wanted: Sequence[int], keyframes: Sequence[int], worth: int) -> Iterator[Sequence[int]]:
    """Groups the wanted frames so that between two groups a keyframe lets at least ``worth`` ticks be left out."""
    begin = 0
    for place in range(1, len(wanted)):
        entry = bisect_right(keyframes, wanted[place]) - 1
        if entry >= 0 and keyframes[entry] - wanted[place - 1] >= worth:
            yield wanted[begin:place]
            begin = place
    if begin < len(wanted):
        yield wanted[begin:]
