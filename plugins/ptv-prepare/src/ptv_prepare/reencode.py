"""``Reencode``: a stretch of a video as H.264 and AAC in MP4, resized; the same bytes for the same source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from ptv_prepare.errors import OutputError
from ptv_prepare.reading import Header, Source, read_header
from ptv_registry.errors import ArgumentError
from ptv_video import VideoDecodeError
from ptv_video.decoders.orientation import UPRIGHT, orientation_of
from ptv_video.encoder_options import repeatable

_AAC_RATES: Final = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_TURNS: Final = {0: [], 1: ["cclock"], 2: ["clock", "clock"], 3: ["clock"]}
#: Sound may lag behind by this much before silence is put in, or samples are left out.
_SLACK_S: Final = Fraction(1, 20)


@dataclass(frozen=True)
class Reencode:
    """Re-encodes a video, single-threaded and without a creation time, so that the bytes are always the same.

    Attributes:
        short_side: pixels of the shorter side; None keeps the size, but for an odd row or column.
        begin_s: where the stretch begins, in seconds.
        length_s: how long it is; None goes to the end.
        crf: quality of x264; lower is better.
        preset: effort of x264.
    """

    short_side: int | None = None
    begin_s: Fraction = Fraction(0)
    length_s: Fraction | None = None
    crf: int = 23
    preset: str = "medium"

    def __post_init__(self) -> None:
        if self.short_side is not None and (self.short_side < 2 or self.short_side % 2):
            raise ArgumentError(f"short_side={self.short_side} is not an even number of pixels of at least 2")
        if not 0 <= self.crf <= 51:
            raise ArgumentError(f"crf={self.crf} is not between 0 (lossless) and 51")
        if self.preset not in _PRESETS:
            raise ArgumentError(f"preset={self.preset!r} is not one of x264's: {', '.join(_PRESETS)}")
        if self.begin_s < 0 or (self.length_s is not None and self.length_s <= 0):
            raise ArgumentError(f"begin_s={self.begin_s}, length_s={self.length_s} is not a part of a video")

    def __call__(self, source: str, target: Path, alive: Callable[[], None]) -> dict[str, Any]:
        """Writes ``target``; returns the number of its frames.

        Raises:
            VideoDecodeError: the source is broken, or ends before the stretch begins.
            OutputError: ``target`` cannot be written.
        """
        header = read_header(source)
        if header.duration <= self.begin_s:
            raise VideoDecodeError(
                f"{source}: lasts {float(header.duration):.3f} s, but what is wanted begins at {float(self.begin_s):g} s"
            )
        end = None if self.length_s is None else self.begin_s + self.length_s
        last = header.duration if end is None else min(end, header.duration)
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with Source(source) as reader, _opened(target, options) as container:
            pictures, sound = _Pictures(self, container, reader, header), None
            if header.audio:
                sound = _Sound(container, reader, last - self.begin_s)
            for time, frame in reader.frames(alive, sound=header.audio, begin=self.begin_s, end=end):
                if isinstance(frame, VideoFrame):
                    pictures.put(time - self.begin_s, frame)
                elif sound is not None:
                    sound.put(time - self.begin_s, frame)
            if not pictures.count:
                raise reader.container.error(f"holds no frame from {float(self.begin_s):g} s on")
            pictures.close()
            if sound is not None:
                sound.close()
            return {"frames": pictures.count}


def _opened(target: Path, options: dict[str, str]) -> OutputContainer:
    try:
        return cast(OutputContainer, av.open(f"file:{target}", "w", format="mp4", options=options))
    except (av.FFmpegError, OSError) as error:
        raise OutputError(f"{target}: cannot be written: {error}", path=str(target)) from error


def _mux(container: OutputContainer, packets: Any) -> None:
    try:
        container.mux(packets)
    except (av.FFmpegError, OSError) as error:
        raise OutputError(f"{container.name}: cannot be written: {error}", path=container.name) from error


class _Pictures:
    """Resizes, turns upright and encodes."""

    def __init__(self, recipe: Reencode, container: OutputContainer, reader: Source, header: Header) -> None:
        self.count = 0
        self._container, self._rate, self._tick = container, reader.rate, Fraction(1, 90000)
        self._orientation: tuple[int, bool] | None = None
        self._upright: Graph | None = None
        self._last = -1
        source = reader.pictures.codec_context
        shown = (header.width or source.width, header.height or source.height)
        self._size = _scaled(*shown, recipe.short_side)
        options = repeatable("libx264", {"crf": str(recipe.crf), "preset": recipe.preset, "threads": "1"})
        self._stream = cast(VideoStream, container.add_stream("libx264", rate=self._rate, options=options))
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = *self._size, "yuv420p"
        context.time_base, context.thread_count = self._tick, 1
        context.flags |= Flags.bitexact
        ratio = reader.pictures.sample_aspect_ratio or Fraction(1)
        context.sample_aspect_ratio = ratio if shown == (source.width, source.height) else 1 / ratio
        for name in ("colorspace", "color_primaries", "color_trc"):
            setattr(context, name, getattr(source, name))

    def put(self, time: Fraction, frame: VideoFrame) -> None:
        if self._orientation is None:
            self._orientation = orientation_of(frame)
            if self._orientation != UPRIGHT:
                self._upright = _turning(self._orientation, *self._lying, self._tick)
        length = (frame.duration or 0) * Fraction(frame.time_base or 0) or 1 / self._rate
        picture = frame.reformat(*self._lying, "yuv420p", interpolation="BICUBIC", threads=1)
        picture.pts, picture.time_base = max(round(time / self._tick), self._last + 1), self._tick
        self._last = picture.pts
        if self._upright is not None:
            self._upright.vpush(picture)
            picture = cast(VideoFrame, self._upright.vpull())
            picture.time_base = self._tick
        picture.pict_type = PictureType.NONE  # else the encoder repeats the source's choice of keyframes
        picture.duration = round(length / self._tick)
        self.count += 1
        _mux(self._container, self._stream.encode(picture))

    def close(self) -> None:
        _mux(self._container, self._stream.encode(None))

    @property
    def _lying(self) -> tuple[int, int]:
        """Width and height before the picture is turned upright."""
        width, height = self._size
        return (height, width) if self._orientation is not None and self._orientation[0] % 2 else (width, height)


def _turning(orientation: tuple[int, bool], width: int, height: int, tick: Fraction) -> Graph:
    turns, mirrored = orientation
    graph = Graph()
    steps = [graph.add_buffer(width=width, height=height, format=VideoFormat("yuv420p"), time_base=tick)]
    steps += [graph.add("transpose", direction) for direction in _TURNS[turns]]
    steps += [graph.add("hflip")] if mirrored else []
    steps.append(graph.add("buffersink"))
    graph.link_nodes(*steps).configure()
    return graph


def _scaled(width: int, height: int, short_side: int | None) -> tuple[int, int]:
    if short_side is None:
        return width + width % 2, height + height % 2
    scale = Fraction(short_side, min(width, height))
    long_side = 2 * round(max(width, height) * scale / 2)
    return (long_side, short_side) if width >= height else (short_side, long_side)


class _Sound:
    """Encodes sound on the pictures' clock: silence where there is none, nothing before 0 or far behind the end."""

    def __init__(self, container: OutputContainer, reader: Source, length_s: Fraction) -> None:
        source = cast(AudioStream, reader.container.av.streams[cast(int, reader.container.sound)])
        layout = _LAYOUTS.get(source.codec_context.channels, "stereo")
        wanted = source.codec_context.sample_rate or 48000
        rate = wanted if wanted in _AAC_RATES else 48000
        self._container, self._rate, self._layout = container, rate, layout
        self._stream = cast(AudioStream, container.add_stream("aac", rate=rate, layout=layout))
        self._stream.codec_context.flags |= Flags.bitexact
        self._stream.codec_context.thread_count = 1
        self._resampler = av.AudioResampler("fltp", layout, rate)
        self._most = round((length_s + 1) * rate)
        self._waiting: list[np.ndarray] = []
        self._put = self._encoded = 0

    def put(self, time: Fraction, frame: AudioFrame) -> None:
        frame.pts = None  # a resampler told of the times would fill gaps in its own way
        pieces = [piece.to_ndarray() for piece in self._resampler.resample(frame)]
        if not pieces:
            return
        samples = np.concatenate(pieces, axis=1)
        place = round(time * self._rate)
        if place >= self._most:
            return
        gap = place - self._put
        if gap < -_SLACK_S * self._rate or (gap < 0 and not self._put):
            samples = samples[:, -gap:]
        elif gap > _SLACK_S * self._rate or (gap > 0 and not self._put):
            self._add(np.zeros((samples.shape[0], gap), np.float32))
        self._add(samples)

    def close(self) -> None:
        if self._put:
            self._drain(1)
        _mux(self._container, self._stream.encode(None))

    def _add(self, samples: np.ndarray) -> None:
        samples = samples[:, : max(0, self._most - self._put)]
        if samples.shape[1]:
            self._waiting.append(samples)
            self._put += samples.shape[1]
        self._drain(self._frame_size)

    @property
    def _frame_size(self) -> int:
        return self._stream.codec_context.frame_size or 1024

    def _drain(self, least: int) -> None:
        if self._put - self._encoded < least:
            return
        samples = np.concatenate(self._waiting, axis=1)
        start = 0
        while samples.shape[1] - start >= least:
            block = np.ascontiguousarray(samples[:, start : start + self._frame_size])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=self._layout)
            frame.sample_rate, frame.pts, frame.time_base = self._rate, self._encoded, Fraction(1, self._rate)
            _mux(self._container, self._stream.encode(frame))
            start += block.shape[1]
            self._encoded += block.shape[1]
        self._waiting = [samples[:, start:]]


_PRESETS: Final = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
)  # fmt: skip
