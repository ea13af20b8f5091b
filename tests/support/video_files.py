"""Small real video files whose frames carry their own number, so that tests can tell exactly which frame they got."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch

CLIPS = Path(__file__).with_name("clips")

_BITS = 8
_DARK, _BRIGHT = 40, 215


def numbered_image(number: int, height: int = 48, width: int = 64) -> np.ndarray:
    """An image whose upper half shows ``number`` in binary as columns, and whose lower half shows the complement."""
    bits = [(number >> (_BITS - 1 - place)) & 1 for place in range(_BITS)]
    row = np.repeat([_BRIGHT if bit else _DARK for bit in bits], math.ceil(width / _BITS))[:width]
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2] = row[None, :, None]
    image[height // 2 :] = (_DARK + _BRIGHT - row)[None, :, None]
    image[..., 2] //= 2
    return image


def number_of(image: torch.Tensor) -> int:
    """Reads the number off a (C, H, W) image."""
    _, height, width = image.shape
    step = math.ceil(width / _BITS)
    number = 0
    for place in range(_BITS):
        columns = slice(place * step + step // 4, min(width, place * step + max(step // 4 + 1, 3 * step // 4)))
        upper = image[:2, height // 8 : 3 * height // 8, columns].float().mean()
        lower = image[:2, 5 * height // 8 : 7 * height // 8, columns].float().mean()
        assert abs(float(upper - lower)) > 60, f"no number can be read: {upper} over {lower}"
        number = number * 2 + int(upper > lower)
    return number


def numbers_of(video: torch.Tensor) -> list[int]:
    """Reads the numbers off a (C, T, H, W) clip."""
    return [number_of(video[:, index]) for index in range(video.shape[1])]


def sine(seconds: float, rate: int, *, channels: int = 1, hertz: float = 440.0, peak: float = 0.5) -> np.ndarray:
    """A sine as float32 (channels, samples)."""
    samples = peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(samples[None].astype(np.float32), channels, axis=0)


@dataclass
class Recipe:
    """How to write a file.

    ``times`` are the frames' presentation times in seconds relative to the first; by default they follow ``fps``.
    """

    name: str
    frames: int = 50
    fps: Fraction = Fraction(25)
    codec: str | None = "libx264"
    pix_fmt: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"g": "12", "bf": "2", "crf": "10"})
    height: int = 48
    width: int = 64
    times: Sequence[Fraction] | None = None
    offset: Fraction = Fraction(0)
    format: str | None = None
    format_options: dict[str, str] = field(default_factory=dict)
    seekable: bool = True
    rotation: tuple[int, bool, bool] = (0, False, False)
    audio: np.ndarray | None = None
    audio_codec: str = "aac"
    audio_rate: int = 44100
    audio_offset: Fraction = Fraction(0)
    #: Containers that keep no times (or coarse ones) move frames by at most this.
    slack: float = 0.0

    def frame_times(self) -> list[Fraction]:
        return list(self.times) if self.times is not None else [k / self.fps for k in range(self.frames)]

    def numbers_in(self, start: float | Fraction, end: float | Fraction) -> list[int]:
        return [number for number, time in enumerate(self.frame_times()) if start <= time < end]


class _Stream(io.RawIOBase):
    """A file that cannot seek, as a pipe: containers then lack what they would have written into their header."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, data: Any) -> int:
        return self._file.write(bytes(data))

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._file.close()
        super().close()


class _WriteOnly:
    def __init__(self, stream: _Stream) -> None:
        self.write = stream.write


def write(recipe: Recipe, folder: Path) -> Path:
    """Writes the file with PyAV and returns its path."""
    os.environ["SVT_LOG"] = "-2"  # SVT-AV1 prints its settings otherwise
    path = folder / recipe.name
    stream_file = None if recipe.seekable else _Stream(path)
    target: Any = str(path) if stream_file is None else _WriteOnly(stream_file)
    with av.open(target, "w", format=recipe.format, container_options=recipe.format_options) as container:
        video = None
        if recipe.codec:
            video = container.add_stream(recipe.codec, rate=recipe.fps, options=dict(recipe.options))
            video.height, video.width, video.pix_fmt = recipe.height, recipe.width, recipe.pix_fmt
            times = [recipe.offset + time for time in recipe.frame_times()]
            tick = 1 / recipe.fps if recipe.times is None and not recipe.offset else Fraction(1, 90000)
            if recipe.times is None:
                tick = 1 / recipe.fps
            video.codec_context.time_base = tick
            video.codec_context.thread_count = 1
            if any(recipe.rotation):
                video.set_display_rotation(*recipe.rotation)
        sound = None
        if recipe.audio is not None:
            layout = {1: "mono", 2: "stereo", 6: "5.1"}[recipe.audio.shape[0]]
            sound = container.add_stream(recipe.audio_codec, rate=recipe.audio_rate, layout=layout)
        packets = []
        if video is not None:
            for number, time in enumerate(times):
                frame = av.VideoFrame.from_ndarray(numbered_image(number, recipe.height, recipe.width), format="rgb24")
                frame.pts, frame.time_base = round(time / tick), tick
                packets += video.encode(frame)
            packets += video.encode(None)
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(recipe.audio), format="fltp", layout=layout)
            frame.sample_rate, frame.time_base = recipe.audio_rate, Fraction(1, recipe.audio_rate)
            frame.pts = round(recipe.audio_offset * recipe.audio_rate)
            size = sound.frame_size if sound.frame_size and sound.frame_size > 1 else 1024
            resampler = av.AudioResampler(sound.format.name, layout, recipe.audio_rate, size)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                packets += sound.encode(piece)
            packets += sound.encode(None)
        packets.sort(key=lambda packet: packet.dts * packet.time_base)
        for packet in packets:
            container.mux(packet)
    if stream_file is not None:
        stream_file.close()
    return path


def reference_frames(path: Path) -> torch.Tensor:
    """Every frame of a file as PyAV converts it by default, (C, T, H, W), without rotation."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return torch.from_numpy(np.stack(frames)).permute(3, 0, 1, 2)


_VFR = [
    Fraction(tick, 90000)
    for tick in np.cumsum([0] + [(3000, 3750, 9000, 1800, 3003)[k % 5] for k in range(39)]).tolist()
]

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("h264_25.mp4", audio=sine(2, 44100)),
        Recipe("h264_23976.mp4", fps=Fraction(24000, 1001)),
        Recipe("h264_2997.mp4", fps=Fraction(30000, 1001), frames=60),
        Recipe(
            "h264_2997.mkv", fps=Fraction(30000, 1001), frames=60, slack=0.001, audio=sine(2, 48000), audio_rate=48000
        ),
        Recipe("h264_no_b.mp4", options={"g": "250", "bf": "0"}),
        Recipe("h264_pyramid.mp4", frames=90, options={"g": "40", "bf": "5", "b_strategy": "0", "b-pyramid": "normal"}),
        Recipe("h264_open_gop.mp4", frames=90, options={"x264-params": "open-gop=1:keyint=12:bframes=3:b-adapt=0"}),
        Recipe(
            "h264_open_gop.mkv",
            frames=90,
            slack=0.001,
            options={"x264-params": "open-gop=1:keyint=12:bframes=3:b-adapt=0"},
        ),
        Recipe(
            "h264_refresh.mp4", frames=90, options={"crf": "10", "x264-params": "intra-refresh=1:keyint=16:bframes=0"}
        ),
        Recipe("vfr.mp4", times=_VFR),
        Recipe("vfr.mkv", times=_VFR, slack=0.001),
        Recipe("vfr.ts", times=_VFR, offset=Fraction(10)),
        Recipe("h264_offset.ts", offset=Fraction(10), audio=sine(2, 44100), audio_offset=Fraction(10)),
        Recipe(
            "mpeg2_offset.ts", codec="mpeg2video", offset=Fraction(10), options={"g": "12", "bf": "2", "qscale": "2"}
        ),
        Recipe("h264_offset.mp4", offset=Fraction(3)),
        Recipe("h264_offset.mkv", offset=Fraction(3), slack=0.001),
        Recipe("h264_headerless.mkv", format="matroska", seekable=False, slack=0.001),
        Recipe("h264_fragmented.mp4", format_options={"movflags": "frag_keyframe+empty_moov"}),
        Recipe("h264.flv", slack=0.001),
        Recipe(
            "mpeg4.avi",
            codec="mpeg4",
            options={"g": "12", "qscale": "2"},
            audio=sine(2, 44100),
            audio_codec="pcm_s16le",
        ),
        Recipe("mpeg4_b.avi", codec="mpeg4", options={"g": "12", "bf": "2", "qscale": "2"}),
        Recipe("mpeg4_b.mp4", codec="mpeg4", options={"g": "12", "bf": "2", "qscale": "2"}),
        Recipe("h264.avi"),
        Recipe("mjpeg.avi", codec="mjpeg", pix_fmt="yuvj420p", options={}),
        Recipe("mpeg2.mpg", codec="mpeg2video", options={"g": "12", "bf": "2", "qscale": "2"}),
        Recipe(
            "hevc.mp4",
            codec="libx265",
            frames=90,
            options={"x265-params": "keyint=12:bframes=3:open-gop=1:log-level=none:pools=1"},
        ),
        Recipe(
            "vp8.webm",
            codec="libvpx",
            slack=0.001,
            options={"g": "20", "auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "realtime"},
        ),
        Recipe(
            "vp9.webm",
            codec="libvpx-vp9",
            slack=0.001,
            options={"g": "20", "auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "8"},
        ),
        Recipe("av1.mkv", codec="libsvtav1", slack=0.001, options={"g": "20", "preset": "12", "svtav1-params": "lp=1"}),
        Recipe("raw.h264"),
        Recipe("rotate_90.mp4", rotation=(90, False, False)),
        Recipe("rotate_180.mp4", rotation=(180, False, False)),
        Recipe("rotate_270.mp4", rotation=(270, False, False)),
        Recipe("odd.mp4", codec="mpeg4", width=67, height=49, options={"g": "12", "qscale": "2"}),
        Recipe("odd_444.mkv", width=67, height=49, pix_fmt="yuv444p", slack=0.001),
        Recipe("ten_bit.mp4", pix_fmt="yuv420p10le"),
        Recipe("lossless.mkv", codec="ffv1", pix_fmt="bgr0", slack=0.001, options={}),
        Recipe("one_frame.mp4", frames=1),
        Recipe(
            "audio_late.mp4", audio=sine(1, 48000), audio_rate=48000, audio_codec="flac", audio_offset=Fraction(1, 2)
        ),
        Recipe("audio_short.mkv", audio=sine(1, 48000), audio_rate=48000, audio_codec="flac", slack=0.001),
        Recipe("audio_long.mp4", audio=sine(4, 48000), audio_rate=48000, audio_codec="flac"),
        Recipe("audio_only.wav", codec=None, audio=sine(2, 16000), audio_rate=16000, audio_codec="pcm_s16le"),
        Recipe("audio_only.m4a", codec=None, audio=sine(2, 44100)),
    )
}
