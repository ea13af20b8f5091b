"""The decoder ``pyav``: PyAV with the FFmpeg that its wheels bundle."""

from __future__ import annotations

import copy
import multiprocessing
import os
import sys
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ptv_registry.errors import ArgumentError
from ptv_video.containers.container import Container
from ptv_video.containers.source import VideoSource, check_source, name_of
from ptv_video.decoders.frame_stream import ClipStream, EachFrame, TensorClips
from ptv_video.decoders.orientation import orientation_of
from ptv_video.decoders.picture_stream import PacketsMisleadError, PictureStream
from ptv_video.decoders.pictures import Clips, RgbConverter
from ptv_video.errors import VideoDecodeError
from ptv_video.sound.audio_track import AudioTrack
from ptv_video.timeline.clip_frames import ClipFrames
from ptv_video.timeline.clip_times import ClipTimes
from ptv_video.timeline.clock import Clock, audio_clock, read_clock, take_census
from ptv_video.video import Result, Seconds, Select, Video, channels_first

if TYPE_CHECKING:
    import torch


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
        short_side: scale pictures while they are converted, so that the shorter side has this many pixels. It takes
            less memory than a transform that scales and, for large pictures, less time; its results are not the bits
            of that transform, for FFmpeg interpolates the video's own planes. None keeps the size.
        video_stream: index of the stream of pictures among all streams of the file, as ``ffprobe`` counts; None takes
            the one that ``ffmpeg`` takes.
        audio_stream: index of the stream of audio, likewise.

    Raises:
        VideoDecodeError: at the first use, if the file cannot be opened or lacks the stream asked for.
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
        short_side: int | None = None,
        video_stream: int | None = None,
        audio_stream: int | None = None,
    ) -> None:
        for label, number in (("sample_rate", sample_rate), ("threads", threads), ("short_side", short_side)):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                msg = f"{label} is a positive integer or None, not {number!r}"
                raise ArgumentError(msg)
        for label, index in (("video_stream", video_stream), ("audio_stream", audio_stream)):
            if index is not None and (isinstance(index, bool) or not isinstance(index, int) or index < 0):
                msg = f"{label} is the index of a stream, counted from 0, or None, not {index!r}"
                raise ArgumentError(msg)
        self._source = check_source(source)
        self._name = video_name if video_name is not None else name_of(self._source)
        self._decode_video = decode_video
        self._decode_audio = decode_audio
        self._sample_rate = sample_rate
        self._mono = mono
        self._rotate = rotate
        self._mirrored = False  # known with the size
        self._threads = threads
        self._short_side = short_side
        self._streams = (video_stream, audio_stream)
        self._closed = False
        self._container: Container | None = None
        self._track: AudioTrack | None = None
        self._clock: Clock | None = None
        self._shown_size: tuple[int, int] | None = None
        self._streaming: weakref.ref[ClipStream] | None = None

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
        return self._stream.fps if self._has_pictures else None

    @property
    def num_frames(self) -> int | None:
        """See :class:`Video`."""
        if not self._has_pictures:
            return None
        census = self._time.census
        return len(census) if census is not None else self._stream.stream.frames or None

    @property
    def size(self) -> tuple[int, int] | None:
        """See :class:`Video`."""
        if not self._has_pictures:
            return None
        if self._shown_size is None:
            for frame in self._stream.frames(None):
                image = self._converter().image(frame)
                self._shown_size = (image.shape[0], image.shape[1])
                self._mirrored = self._rotate and orientation_of(frame)[1]
                break
            else:
                raise self._open.error("holds no frame that can be decoded")
        return self._shown_size

    @property
    def has_video(self) -> bool:
        """See :class:`Video`."""
        return self._decode_video and self._has_pictures

    @property
    def has_audio(self) -> bool:
        """See :class:`Video`."""
        return self._decode_audio and self._open.sound is not None

    def close(self) -> None:
        """See :class:`Video`."""
        stream = None if self._streaming is None else self._streaming()
        if stream is not None:
            stream.close()
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
        return self._read(lambda _, clip: clip, spans, select)

    def map_clips(
        self,
        function: Callable[[int, dict[str, Any]], Result],
        spans: Sequence[tuple[Seconds, Seconds]],
        *,
        select: Select | None = None,
    ) -> list[Result]:
        """See :class:`Video`; a clip is let go as soon as the function has returned."""
        if type(self).get_clips is not PyAVVideo.get_clips:  # a subclass makes something of its own of the clips
            return super().map_clips(function, spans, select=select)
        return self._read(function, spans, select)

    def stream_clips(
        self,
        spans: Sequence[tuple[Seconds, Seconds]],
        *,
        select: Select | None = None,
        each_frame: EachFrame | None = None,
        ahead: int = 2,
    ) -> ClipStream:
        """See :class:`Video`; with audio, which lies elsewhere in the file, clip by clip."""
        # A reader of its own, so that this video can be read from and closed meanwhile; a file object there is only one of.
        reader = copy.copy(self) if isinstance(self._source, str | bytes) else self
        if reader.has_audio or type(self).get_clips is not PyAVVideo.get_clips:
            stream = Video.stream_clips(reader, spans, select=select, each_frame=each_frame, ahead=ahead)
        else:

            def produce(give: Callable[[int, dict[str, Any]], None]) -> None:
                try:
                    reader._read(give, spans, select, each_frame)
                finally:
                    if reader is not self:
                        reader.close()

            stream = ClipStream(produce, ahead)
        if reader is self:
            self._streaming = weakref.ref(stream)
        return stream

    def check_clip(self, start_sec: Seconds, end_sec: Seconds, *, select: Select | None = None) -> None:
        """Raises what :meth:`get_clip` would; decodes as it does, but makes no tensor and does not import torch."""

        def check() -> None:
            span = self._check_span(start_sec, end_sec)
            if self.has_audio:
                self._sound.check(self._time.origin * self._time.tick + span[0], span[1] - span[0])
            if self.has_video:
                keys, keyframes = self._wanted([span], select)
                self._fill(Clips(keys, self._converter().image, lambda number, frames: None), keyframes)

        self._with_true_times(check)

    def _read(
        self,
        function: Callable[[int, dict[str, Any]], Result],
        spans: Sequence[tuple[Seconds, Seconds]],
        select: Select | None,
        each_frame: EachFrame | None = None,
    ) -> list[Result]:
        return self._with_true_times(lambda: self._read_once(function, spans, select, each_frame))

    def _with_true_times(self, read: Callable[[], Result]) -> Result:
        try:
            return read()
        except PacketsMisleadError:
            told, census = self._time, take_census(self._stream)
            # The duration may have been told already, and is not to depend on what was read before.
            self._clock = replace(census, end=census.origin + told.end - told.origin)
        return read()

    def _read_once(
        self,
        function: Callable[[int, dict[str, Any]], Result],
        spans: Sequence[tuple[Seconds, Seconds]],
        select: Select | None,
        each_frame: EachFrame | None,
    ) -> list[Result]:
        exact = [self._check_span(start, end) for start, end in spans]
        keys, keyframes = self._wanted(exact, select) if self.has_video else (ClipFrames(), ())
        audio = self._sound if self.has_audio else None
        time = self._time
        sounds = [
            None if audio is None else audio.read(time.origin * time.tick + start, end - start)
            for start, end, _ in exact
        ]
        results: dict[int, Result] = {}

        def done(number: int, video: torch.Tensor | None) -> None:
            if each_frame is None and video is not None and video.shape[1]:
                self._shown_size = (video.shape[2], video.shape[3])
            clip = self._clip(keys[number] if video is not None else (), video)
            if audio is not None:
                clip |= {"audio": sounds[number], "sample_rate": audio.sample_rate}
            results[number] = function(number, clip)

        # First those that wait for no frame, so that no other waits for them.
        for number in range(len(exact)):
            if not self.has_video:
                done(number, None)
            elif not keys[number]:
                done(number, self._no_frames())
        if len(keys):
            self._decode(keys, keyframes, each_frame, done)
        return [results[number] for number in range(len(exact))]

    def _no_frames(self) -> torch.Tensor:
        import torch

        return torch.empty((3, 0, *(self.size or (0, 0))), dtype=torch.uint8)

    def _clip(self, keys: Sequence[int], video: torch.Tensor | None) -> dict[str, Any]:
        import torch

        time = self._time
        seconds = [float((key - time.origin) * time.tick) for key in keys]
        return {
            "video": video,
            "audio": None,
            "pts": torch.tensor(seconds, dtype=torch.float64),
            "sample_rate": None,
        }

    # -- pictures

    def _wanted(
        self, spans: Iterable[tuple[Fraction, Fraction, Fraction]], select: Select | None
    ) -> tuple[ClipFrames, Sequence[int]]:
        return ClipTimes(self._open, self._stream.index, self._time).wanted(spans, select)

    def _decode(
        self,
        keys: ClipFrames,
        keyframes: Sequence[int],
        each_frame: EachFrame | None,
        done: Callable[[int, torch.Tensor], None],
    ) -> None:
        """Decodes the frames of each clip that has any; other decoders replace this.

        Args:
            keys: per clip, the times of its frames in ticks, as the clock has them.
            keyframes: the times of keyframes that lie on the way, ascending.
            each_frame: see :meth:`stream_clips`.
            done: called with the number of a clip and its frames, (C, T, H, W), as soon as they are there.
        """
        import torch

        image = self._converter().image
        if each_frame is None:
            clips = Clips(keys, image, lambda number, frames: done(number, channels_first(torch.from_numpy(frames))))
        else:
            clips = TensorClips(
                keys, lambda frame: torch.from_numpy(np.ascontiguousarray(image(frame))), each_frame, done
            )
        self._fill(clips, keyframes)

    def _fill(self, clips: Clips, keyframes: Sequence[int]) -> None:
        clock = self._time
        if clock.census is None:
            self._stream.fill(clips, keyframes, clock.origin)
        else:
            self._stream.fill_by_number(clips, clock.census, clock.origin)

    def _converter(self) -> RgbConverter:
        height, width = self._open.picture_size
        if self._short_side is not None:
            shorter = min(height, width)
            height, width = (length * self._short_side // shorter for length in (height, width))
        return RgbConverter(height, width, self._rotate, self._thread_count)

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
            self._container = Container(self._source, self._name, self._thread_count, *self._streams)
            self._track = None
            if self._container.pictures is None and self._container.sound is None:
                raise self._container.error("has neither pictures nor audio that can be decoded")
        return self._container

    @property
    def _has_pictures(self) -> bool:
        return self._open.pictures is not None

    @property
    def _stream(self) -> PictureStream:
        return PictureStream(self._open)

    @property
    def _sound(self) -> AudioTrack:
        container = self._open
        if self._track is None:
            self._track = AudioTrack(container, self._sample_rate, self._mono)
        return self._track

    @property
    def _time(self) -> Clock:
        if self._clock is None:
            self._clock = read_clock(self._stream) if self._has_pictures else audio_clock(*self._sound.range)
        return self._clock


def default_threads() -> int:
    """One thread in a worker process, where the workers are the parallelism; else as many as there are CPUs, up to 8."""
    data = sys.modules.get("torch.utils.data")  # a process that has not imported it is not a loader's worker
    if multiprocessing.parent_process() is not None or (data is not None and data.get_worker_info() is not None):
        return 1
    return min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
