"""Writing frames and sound as encoded video: a whole tensor, or picture by picture."""

from __future__ import annotations

import os
import uuid
from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from ptv_registry.errors import ArgumentError
from ptv_video.encoder_options import repeatable
from ptv_video.errors import VideoDecodeError
from ptv_video.video import Seconds

if TYPE_CHECKING:
    import torch

_HALVED_CHROMA: Final = frozenset({"yuv420p", "yuvj420p", "yuv420p10le", "nv12"})

#: Layouts of the sound that can be written, by the number of channels.
_LAYOUTS: Final = {1: "mono", 2: "stereo"}


class VideoWriter:
    """An encoded video that is written picture by picture, so that its length does not matter to memory.

    Use it in a ``with`` block: the file appears under its name at the end, and not at all after an exception.

    Args:
        path: local path; its suffix names the container.
        size: height and width of the pictures in pixels.
        fps: frames per second; a fraction is exact, a float such as 29.97 is taken as the nearest fraction with a
            denominator up to 1001.
        sample_rate: of the sound in Hz; None writes no sound.
        channels: of the sound, 1 or 2.
        codec: FFmpeg's name of the video encoder.
        pix_fmt: pixel format; with ``yuv420p`` an odd size is padded by one row or column of edge pixels.
        audio_codec: FFmpeg's name of the audio encoder.
        options: of the video encoder, such as ``{"crf": "18", "g": "12", "bf": "2"}``; see also
            :func:`~ptv_video.encoder_options.repeatable`.
        threads: of the encoder; 0 lets FFmpeg choose. With the same number of threads the same frames give the same
            bytes.
        time_base: seconds of a tick, for pictures that come at times of their own; one frame by default.

    Raises:
        ArgumentError: rate, layout or codec is not as described.
        VideoDecodeError: the encoder refuses what it is given.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        size: tuple[int, int],
        fps: Seconds,
        *,
        sample_rate: int | None = None,
        channels: int = 1,
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        audio_codec: str = "aac",
        options: dict[str, str] | None = None,
        threads: int = 0,
        time_base: Fraction | None = None,
    ) -> None:
        self._target = os.fspath(path)
        self._codec = codec
        self._size = size
        self._padding = tuple(side % 2 if pix_fmt in _HALVED_CHROMA else 0 for side in size)
        self._rate = _rate(fps)
        self._tick = time_base or 1 / self._rate
        self._last = -1
        if channels not in _LAYOUTS:
            msg = f"sound has 1 or 2 channels, not {channels!r}"
            raise ArgumentError(msg)
        stem, suffix = os.path.splitext(self._target)
        name = f".{os.path.basename(stem)}.part-{uuid.uuid4().hex[:12]}{suffix}"
        self._partial = os.path.join(os.path.dirname(stem), name)
        self._samples = 0
        self._resampler: av.AudioResampler | None = None
        self._track: AudioStream | None = None
        try:
            self._container: OutputContainer = av.open(self._partial, "w")
        except (av.FFmpegError, ValueError) as error:
            raise self._error(error) from error
        try:
            stream = self._container.add_stream(codec, rate=self._rate, options=repeatable(codec, options))
            self._stream = cast(VideoStream, stream)
            self._stream.height, self._stream.width = (
                side + more for side, more in zip(size, self._padding, strict=True)
            )
            self._stream.pix_fmt = pix_fmt
            self._stream.codec_context.time_base = self._tick
            self._stream.codec_context.thread_count = threads
            if sample_rate is not None:
                layout = _LAYOUTS[channels]
                self._track = cast(
                    AudioStream, self._container.add_stream(audio_codec, rate=sample_rate, layout=layout)
                )
        except (av.FFmpegError, ValueError) as error:
            self._discard()
            raise self._error(error) from error

    def write(self, picture: np.ndarray, time: Seconds | None = None) -> None:
        """Encodes the next picture.

        Args:
            picture: uint8 (H, W, 3), RGB, of the size that the writer was given.
            time: when it is shown, in seconds; by default one frame after the last one.

        Raises:
            ArgumentError: shape or dtype is another, or the time is not after that of the last picture.
        """
        if picture.dtype != np.uint8 or picture.shape != (*self._size, 3):
            height, width = self._size
            msg = f"a picture is uint8 ({height}, {width}, 3), not {picture.dtype} of shape {picture.shape}"
            raise ArgumentError(msg)
        pts = self._last + 1 if time is None else round(Fraction(time) / self._tick)
        if pts <= self._last:
            msg = f"a picture at {float(pts * self._tick):.6g} s is not after the last one, at {float(self._last * self._tick):.6g} s"
            raise ArgumentError(msg)
        bottom, right = self._padding
        if bottom or right:
            picture = np.pad(picture, ((0, bottom), (0, right), (0, 0)), "edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = pts, self._tick
        self._last = pts
        try:
            self._container.mux(self._stream.encode(frame))
        except (av.FFmpegError, ValueError) as error:
            raise self._error(error) from error

    def write_sound(self, samples: np.ndarray) -> None:
        """Encodes the next stretch of sound: floating point in [-1, 1], (channels, samples).

        Raises:
            ArgumentError: the writer was given no sample rate, or the shape is another.
        """
        if self._track is None:
            msg = f"{self._target} is written without sound; give sample_rate when the writer is made"
            raise ArgumentError(msg)
        layout, rate = self._track.layout.name, self._track.rate
        if samples.ndim != 2 or _LAYOUTS.get(samples.shape[0]) != layout:
            msg = f"sound is ({layout} channels, samples), not of shape {samples.shape}"
            raise ArgumentError(msg)
        if not samples.shape[1]:
            return
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), format="fltp", layout=layout)
        block.sample_rate, block.pts, block.time_base = rate, self._samples, Fraction(1, rate)
        self._samples += samples.shape[1]
        self._encode_sound(block)

    def _encode_sound(self, block: av.AudioFrame | None) -> None:
        track = cast(AudioStream, self._track)
        try:
            if self._resampler is None:
                size = track.codec_context.frame_size or None
                self._resampler = av.AudioResampler(track.format.name, track.layout.name, track.rate, size)
            for piece in self._resampler.resample(block):
                self._container.mux(track.encode(piece))
        except (av.FFmpegError, ValueError) as error:
            raise self._error(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
                if self._track is not None and self._samples:
                    self._encode_sound(None)
                    self._container.mux(self._track.encode(None))
                self._container.close()
                os.replace(self._partial, self._target)
        except (av.FFmpegError, ValueError) as failure:
            raise self._error(failure) from failure
        finally:
            self._discard()

    def _discard(self) -> None:
        self._container.close()
        if os.path.exists(self._partial):
            os.remove(self._partial)

    def _error(self, cause: BaseException) -> VideoDecodeError:
        return VideoDecodeError(f"{self._target}: cannot be written as {self._codec}: {cause}", video=self._target)


def write_video(
    path: str | os.PathLike[str],
    frames: torch.Tensor,
    fps: Seconds,
    *,
    audio: torch.Tensor | None = None,
    sample_rate: int | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    audio_codec: str = "aac",
    options: dict[str, str] | None = None,
    threads: int = 0,
) -> None:
    """Encodes frames, and audio if given, into the container that the path's suffix names.

    The file appears under its name only when it is complete.

    Args:
        path: local path.
        frames: (C, T, H, W) with one channel (grey) or three (RGB); uint8, or floating point in [0, 1].
        fps: frames per second; see :class:`VideoWriter`.
        audio: floating point in [-1, 1], (samples) or (channels, samples) with one or two channels.
        sample_rate: of the audio in Hz.
        codec, pix_fmt, audio_codec, options, threads: see :class:`VideoWriter`.

    Raises:
        ArgumentError: shape, dtype, range, rate or codec is not as described.
    """
    pictures = _as_uint8(frames)
    sound = _check_audio(audio, sample_rate)
    with VideoWriter(
        path,
        (pictures.shape[1], pictures.shape[2]),
        fps,
        sample_rate=None if sound is None else sample_rate,
        channels=1 if sound is None else sound.shape[0],
        codec=codec,
        pix_fmt=pix_fmt,
        audio_codec=audio_codec,
        options=options,
        threads=threads,
    ) as writer:
        for picture in pictures:
            writer.write(picture)
        if sound is not None:
            writer.write_sound(sound)


def _as_uint8(frames: torch.Tensor) -> np.ndarray:
    if frames.ndim != 4 or frames.shape[0] not in (1, 3) or 0 in frames.shape:
        msg = f"frames are (C, T, H, W) with 1 or 3 channels, not of shape {tuple(frames.shape)}"
        raise ArgumentError(msg)
    if frames.is_floating_point():
        low, high = float(frames.min()), float(frames.max())
        if not (low >= 0 and high <= 1):
            msg = f"floating-point frames lie in [0, 1], not in [{low:.4g}, {high:.4g}]; give uint8 for 0 to 255"
            raise ArgumentError(msg)
        frames = (frames * 255).round().byte()
    elif str(frames.dtype) != "torch.uint8":
        msg = f"frames are uint8, or floating point in [0, 1], not {frames.dtype}"
        raise ArgumentError(msg)
    return frames.detach().cpu().expand(3, -1, -1, -1).permute(1, 2, 3, 0).numpy()


def _rate(fps: Seconds) -> Fraction:
    if isinstance(fps, bool) or not isinstance(fps, int | float | Fraction) or not 0 < fps < float("inf"):
        msg = f"fps is a positive number of frames per second, not {fps!r}"
        raise ArgumentError(msg)
    return Fraction(fps).limit_denominator(1001)


def _check_audio(audio: torch.Tensor | None, sample_rate: int | None) -> np.ndarray | None:
    if audio is None:
        return None
    channels = audio[None] if audio.ndim == 1 else audio
    if channels.ndim != 2 or channels.shape[0] not in _LAYOUTS or not channels.is_floating_point() or not sample_rate:
        msg = (
            "audio is floating point (samples) or (channels, samples) with 1 or 2 channels, and needs a sample_rate; "
            f"this is {audio.dtype} of shape {tuple(audio.shape)}, sample_rate={sample_rate!r}"
        )
        raise ArgumentError(msg)
    return np.ascontiguousarray(channels.detach().cpu().float().clamp(-1, 1).numpy())
