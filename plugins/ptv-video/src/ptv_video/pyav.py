"""The decoder ``pyav``: PyAV with the FFmpeg that its wheels bundle."""

from __future__ import annotations

import multiprocessing
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, cast

import av
import torch
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from ptv_registry.errors import ArgumentError
from ptv_video.audio import AudioTrack
from ptv_video.container import ONE_FRAME_PER_PACKET, Container, Timeline
from ptv_video.errors import VideoDecodeError
from ptv_video.pictures import Clips, RgbConverter
from ptv_video.source import VideoSource, check_source, name_of
from ptv_video.video import Seconds, Select, Video, channels_first, chosen, first_tick

#: Decoders that leave out, when told so, frames to which no other refers.
_SKIPS_EXACTLY: Final = frozenset({"h264", "hevc", "mpeg4", "mpeg1video", "mpeg2video"})

#: Seeking to the next keyframe pays only when at least this many frames lie before it.
_WORTH_A_SEEK: Final = 8

_PREDICTED: Final = frozenset({PictureType.P, PictureType.B})


class _PacketsMisleadError(Exception):
    """The packets' times are not the frames' times: the frames have to be decoded to know them."""


@dataclass(frozen=True)
class _Clock:
    """Ticks to seconds: the stream's tick and, in ticks, where its first frame starts and its last one ends."""

    tick: Fraction
    origin: int
    end: int
    #: Where the readable part ends, if the file is truncated.
    readable_end: int | None = None
    #: Per frame in the order of decoding, its time in ticks; None where the packets tell.
    census: tuple[int, ...] | None = None

    @property
    def duration(self) -> Fraction:
        return (self.end - self.origin) * self.tick


class PyAVVideo(Video):
    """Reads clips with PyAV; opens the file at the first use, and again in a process that was forked or pickled to.

    Args:
        source: path, ``file://`` or any URI known to :data:`ptv_video.path_manager`, bytes, or a binary file object.
        video_name: what to call the video; its file name by default.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry audio, if the file has any.
        sample_rate: resample audio to this many samples a second; None keeps the file's rate.
        mono: average the audio channels to (samples); False keeps (channels, samples).
        rotate: turn and mirror frames as the file's display matrix says.
        threads: FFmpeg threads; by default one in a worker process and several in the main process.

    Raises:
        VideoDecodeError: at the first use, if the file cannot be opened.
        ArgumentError: an argument has a wrong type or value.
    """

    def __init__(
        self,
        source: VideoSource,
        *,
        video_name: str | None = None,
        decode_video: bool = True,
        decode_audio: bool = True,
        sample_rate: int | None = None,
        mono: bool = True,
        rotate: bool = True,
        threads: int | None = None,
    ) -> None:
        for label, number in (("sample_rate", sample_rate), ("threads", threads)):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                msg = f"{label} is a positive integer or None, not {number!r}"
                raise ArgumentError(msg)
        self._source = check_source(source)
        self._name = video_name if video_name is not None else name_of(self._source)
        self._decode_video = decode_video
        self._decode_audio = decode_audio
        self._sample_rate = sample_rate
        self._mono = mono
        self._rotate = rotate
        self._threads = threads
        self._closed = False
        self._container: Container | None = None
        self._track: AudioTrack | None = None
        self._clock: _Clock | None = None
        self._shown_size: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """See :class:`Video`."""
        return self._name

    @property
    def exact_duration(self) -> Fraction:
        """See :class:`Video`."""
        return self._time.duration

    @property
    def fps(self) -> Fraction | None:
        """See :class:`Video`."""
        stream = self._pictures
        rates = () if stream is None else (stream.average_rate, stream.guessed_rate)
        return next((rate for rate in rates if rate and rate <= _CREDIBLE_RATE), None)

    @property
    def num_frames(self) -> int | None:
        """See :class:`Video`."""
        if self._pictures is None:
            return None
        census = self._time.census
        return len(census) if census is not None else self._stream.frames or None

    @property
    def size(self) -> tuple[int, int] | None:
        """See :class:`Video`."""
        if self._pictures is None:
            return None
        if self._shown_size is None:
            for frame in self._frames(self._packets(None)):
                image = self._converter().image(frame)
                self._shown_size = (image.shape[0], image.shape[1])
                break
            else:
                raise self._open.error("holds no frame that can be decoded")
        return self._shown_size

    @property
    def has_video(self) -> bool:
        """See :class:`Video`."""
        return self._decode_video and self._pictures is not None

    @property
    def has_audio(self) -> bool:
        """See :class:`Video`."""
        return self._decode_audio and self._open.sound is not None

    def close(self) -> None:
        """See :class:`Video`."""
        self._closed = True
        container, self._container = self._container, None
        if container is not None and container.pid == os.getpid():
            container.close()

    def __del__(self) -> None:
        if getattr(self, "_container", None) is not None:
            self.close()

    def __getstate__(self) -> dict[str, Any]:
        if not isinstance(self._source, str | bytes):
            msg = f"{self._name}: a video read from a file object cannot go to another process; give its path or bytes"
            raise ArgumentError(msg)
        return {**self.__dict__, "_container": None, "_track": None}

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """See :class:`Video`."""
        exact = [self._check_span(start, end) for start, end in spans]
        try:
            pictures = self._read_pictures(exact, select)
        except _PacketsMisleadError:
            self._clock = self._take_census()
            exact = [self._check_span(start, end) for start, end in spans]
            pictures = self._read_pictures(exact, select)
        audio = self._sound if self.has_audio else None
        origin = self._time.origin * self._time.tick
        clips = []
        for (start, end, _), (video, pts) in zip(exact, pictures, strict=True):
            clips.append(
                {
                    "video": video,
                    "audio": audio.read(origin + start, end - start) if audio is not None else None,
                    "pts": pts,
                    "sample_rate": audio.sample_rate if audio is not None else None,
                }
            )
        return clips

    # -- pictures

    def _read_pictures(
        self, spans: Sequence[tuple[Fraction, Fraction, Fraction]], select: Select | None
    ) -> list[tuple[torch.Tensor | None, torch.Tensor]]:
        if not self.has_video:
            return [(None, torch.empty(0, dtype=torch.float64)) for _ in spans]
        time = self._time
        keys: list[list[int]] = []
        starts: list[int] = []
        for start, end, tolerance in spans:
            first, last = (time.origin + first_tick(bound, time.tick, tolerance) for bound in (start, end))
            if time.readable_end is not None and min(last, time.end) > time.readable_end:
                readable = float((time.readable_end - time.origin) * time.tick)
                msg = f"is truncated: it ends at {readable:.6g} s, though its header promises {self.duration:.6g} s"
                raise self._open.error(msg)
            timeline = self._timeline(max(first, time.origin), last)
            if not timeline.pts:
                raise self._no_frame(start, end)
            keys.append([timeline.pts[index] for index in chosen(select, len(timeline.pts), self._name)])
            starts += timeline.keys
        results: list[tuple[torch.Tensor | None, torch.Tensor]] = []
        for clip_keys, frames in zip(keys, self._decode(keys, sorted(set(starts))), strict=True):
            if frames is None:
                frames = torch.empty((0, *(self.size or (0, 0)), 3), dtype=torch.uint8)
            else:
                self._shown_size = (frames.shape[1], frames.shape[2])
            seconds = [float((key - time.origin) * time.tick) for key in clip_keys]
            results.append((channels_first(frames), torch.tensor(seconds, dtype=torch.float64)))
        return results

    def _timeline(self, first: int, end: int) -> Timeline:
        census = self._time.census
        if census is not None:
            return Timeline(sorted(pts for pts in census if first <= pts < end))
        timeline = self._open.timeline(self._stream.index, first, end)
        if timeline is None:
            raise _PacketsMisleadError
        return timeline

    def _decode(self, keys: Sequence[Sequence[int]], keyframes: Sequence[int]) -> list[torch.Tensor | None]:
        """The frames of each clip as (T, H, W, C), None for no frame; other decoders replace this.

        Args:
            keys: per clip, the times of its frames in ticks, as the clock has them.
            keyframes: the times of keyframes that lie on the way.
        """
        clips = Clips(keys, self._converter())
        census = self._time.census
        if census is None:
            self._decode_from_keyframes(clips, keyframes)
        else:
            self._decode_from_beginning(clips, census)
        return [clips.tensor(clip) for clip in range(len(keys))]

    def _decode_from_keyframes(self, clips: Clips, keyframes: Sequence[int]) -> None:
        worth = _WORTH_A_SEEK * (self._frame_ticks or 1)
        for run in _runs(clips.missing, keyframes, worth):
            self._decode_run(clips, run, run[0], skip=True)
        if clips.missing:
            self._decode_run(clips, clips.missing, clips.missing[0], skip=False)
        if clips.missing:
            self._decode_run(clips, clips.missing, None, skip=False)
        if clips.missing:
            self._fail(clips)

    def _decode_run(self, clips: Clips, wanted: Sequence[int], target: int | None, skip: bool) -> None:
        """Decodes from the keyframe at or before ``target`` until the wanted frames have come."""
        skip = skip and self._stream.codec_context.name in _SKIPS_EXACTLY
        unsent, unseen, last = set(wanted), set(wanted), wanted[-1]
        entry: int | None = None

        def until_sent(packets: Iterator[Packet]) -> Iterator[Packet]:
            nonlocal entry
            for packet in packets:
                entry = packet.pts if entry is None else entry
                if skip:
                    packet.stream.codec_context.skip_frame = "DEFAULT" if packet.pts in unsent else "NONREF"
                unsent.discard(packet.pts)
                yield packet
                if not unsent or (packet.dts is not None and packet.dts > last):
                    return

        entered = False
        previous: int | None = None
        for frame in self._frames(until_sent(self._packets(target))):
            if frame.pts is None or (previous is not None and frame.pts <= previous) or self._is_field_pair(frame):
                raise _PacketsMisleadError
            if entry is not None and frame.pts >= entry and not entered:
                entered = True
                if target is not None and (frame.pts != entry or frame.pict_type in _PREDICTED):
                    return  # a gradual refresh begins here: nothing is whole before its end
            previous = frame.pts
            clips.put(frame.pts, frame)
            unseen.discard(frame.pts)
            if not unseen:
                break

    def _decode_from_beginning(self, clips: Clips, census: Sequence[int]) -> None:
        for pts, frame in zip(census, self._frames(self._packets(None)), strict=False):
            clips.put(pts, frame)
            if not clips.places:
                return
        if clips.missing:
            self._fail(clips)

    def _frames(self, packets: Iterator[Packet]) -> Iterator[VideoFrame]:
        """Decodes; a packet that cannot be decoded is left out and remembered as the cause of what will be missing."""
        self._cause: Exception | None = None
        context = None
        try:
            for packet in packets:
                context = packet.stream.codec_context
                try:
                    yield from packet.decode()
                except (av.FFmpegError, ValueError, OSError, MemoryError) as error:
                    self._cause = error
            if context is not None:
                context.skip_frame = "DEFAULT"
                try:
                    yield from context.decode(None)
                except (av.FFmpegError, ValueError, OSError, MemoryError) as error:
                    self._cause = self._cause or error
        finally:
            if context is not None:
                context.flush_buffers()
                context.skip_frame = "DEFAULT"

    def _fail(self, clips: Clips) -> None:
        time = self._time
        places = ", ".join(f"{float((key - time.origin) * time.tick):.3f}" for key in clips.missing[:3])
        msg = f"{len(clips.missing)} frame(s) cannot be decoded, at {places} s"
        error = self._open.error(msg if self._cause is None else f"{msg}: {self._cause}")
        raise error from self._cause

    def _is_field_pair(self, frame: VideoFrame) -> bool:
        """Two packets may make one frame: interlaced H.264 and HEVC outside of MP4 and Matroska."""
        if not frame.interlaced_frame:
            return False
        names = set(self._open.av.format.name.split(","))
        return self._stream.codec_context.name in {"h264", "hevc"} and not names & {"mov", "matroska"}

    def _converter(self) -> RgbConverter:
        context = self._stream.codec_context
        return RgbConverter(context.height, context.width, self._rotate, self._thread_count)

    # -- the file

    @property
    def _thread_count(self) -> int:
        return self._threads if self._threads is not None else default_threads()

    @property
    def _open(self) -> Container:
        if self._container is not None and self._container.pid != os.getpid():
            self._container = None  # a fork shares the file's position with its parent and has none of its threads
            if not isinstance(self._source, str | bytes):
                msg = f"{self._name}: was opened before the fork from a file object; open it in the worker"
                raise VideoDecodeError(msg, video=self._name)
        if self._container is None:
            if self._closed:
                msg = f"{self._name}: the video is closed"
                raise VideoDecodeError(msg, video=self._name)
            self._container = Container(self._source, self._name, self._thread_count)
            self._track = None
            if self._container.pictures is None and self._container.sound is None:
                raise self._container.error("has neither pictures nor audio that can be decoded")
        return self._container

    @property
    def _pictures(self) -> VideoStream | None:
        index = self._open.pictures
        return None if index is None else cast(VideoStream, self._open.av.streams[index])

    @property
    def _stream(self) -> VideoStream:
        stream = self._pictures
        if stream is None:
            raise self._open.error("has no pictures")
        return stream

    def _packets(self, target: int | None) -> Iterator[Packet]:
        return self._open.packets(self._stream.index, target)

    @property
    def _sound(self) -> AudioTrack:
        container = self._open
        if self._track is None:
            self._track = AudioTrack(container, self._sample_rate, self._mono)
        return self._track

    @property
    def _time(self) -> _Clock:
        if self._clock is None:
            try:
                self._clock = self._read_clock()
            except _PacketsMisleadError:
                self._clock = self._take_census()
        return self._clock

    def _read_clock(self) -> _Clock:
        if self._pictures is None:
            return _audio_clock(*self._sound.range)
        head = self._open.head(self._stream.index)
        if not head:
            raise self._open.error("holds no frame")
        codec = self._stream.codec_context.name
        times = {packet.pts for packet in head}
        reordered = any(packet.pts != packet.dts for packet in head)
        if (
            codec not in ONE_FRAME_PER_PACKET
            or None in times
            or len(times) < len(head)
            or (self._open.av.format.name == "avi" and reordered)
        ):
            raise _PacketsMisleadError
        origin = min(pts for pts in times if pts is not None)
        if not head[0].is_keyframe or head[0].pts != origin:
            origin = self._first_decoded()
        end = self._open.last_end(self._stream.index, self._frame_ticks)
        if end is None or end <= origin:
            raise _PacketsMisleadError
        return self._with_promise(_Clock(self._tick, origin, end))

    def _first_decoded(self) -> int:
        for frame in self._frames(self._packets(None)):
            if frame.pts is None:
                break
            return frame.pts
        raise _PacketsMisleadError

    def _take_census(self) -> _Clock:
        """Decodes the whole video for the times of its frames; without usable ones they follow the frame rate."""
        times = [frame.pts for frame in self._frames(self._packets(None))]
        if not times:
            raise self._open.error("holds no frame that can be decoded" + (f": {self._cause}" if self._cause else ""))
        step = self._frame_ticks or max(1, round(1 / (25 * self._tick)))
        known = [pts for pts in times if pts is not None]
        rising = len(known) == len(times) and all(a < b for a, b in pairwise(known))
        census = tuple(known) if rising else tuple(step * place for place in range(len(times)))
        return self._with_promise(_Clock(self._tick, census[0], census[-1] + step, census=census))

    def _with_promise(self, clock: _Clock) -> _Clock:
        step = self._frame_ticks or 1
        promised = self._open.promised_end(self._stream.index, clock.origin, step)
        if promised is None or promised <= clock.end + step:
            return clock
        return replace(clock, end=promised, readable_end=clock.end)

    @property
    def _tick(self) -> Fraction:
        return self._stream.time_base or Fraction(1, 25)

    @property
    def _frame_ticks(self) -> int | None:
        rate = self.fps
        return max(1, round(1 / (rate * self._tick))) if rate else None


#: Some files give their clock's rate as the frame rate.
_CREDIBLE_RATE: Final = 1000


def _audio_clock(origin: Fraction, end: Fraction) -> _Clock:
    tick = Fraction(1, origin.denominator * end.denominator)
    return _Clock(tick, int(origin / tick), int(end / tick))


def _runs(wanted: Sequence[int], keyframes: Sequence[int], worth: int) -> Iterator[list[int]]:
    """Groups the wanted frames so that between two groups a keyframe lets at least ``worth`` ticks be left out."""
    run: list[int] = []
    for pts in wanted:
        if run:
            entry = bisect_right(keyframes, pts) - 1
            if entry >= 0 and keyframes[entry] - run[-1] >= worth:
                yield run
                run = []
        run.append(pts)
    if run:
        yield run


def default_threads() -> int:
    """One thread in a worker process, where the workers are the parallelism; else as many as there are CPUs, up to 8."""
    if torch.utils.data.get_worker_info() is not None or multiprocessing.parent_process() is not None:
        return 1
    return min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
