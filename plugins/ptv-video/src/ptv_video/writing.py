"""Writing tensors as encoded video."""

from __future__ import annotations

import os
import uuid
from fractions import Fraction
from typing import TYPE_CHECKING, cast

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
        fps: frames per second; a fraction is exact, a float such as 29.97 is taken as the nearest fraction with a
            denominator up to 1001.
        audio: floating point in [-1, 1], (samples) or (channels, samples) with one or two channels.
        sample_rate: of the audio in Hz.
        codec: FFmpeg's name of the video encoder.
        pix_fmt: pixel format; with ``yuv420p`` an odd size is padded by one row or column of edge pixels.
        audio_codec: FFmpeg's name of the audio encoder.
        options: of the video encoder, such as ``{"crf": "18", "g": "12", "bf": "2"}``; see also :func:`~ptv_video.encoder_options.repeatable`.
        threads: of the encoder; 0 lets FFmpeg choose. With the same number of threads the same frames give the same
            bytes.

    Raises:
        ArgumentError: shape, dtype, range, rate or codec is not as described.
    """
    pictures = _as_uint8(frames)
    rate = _rate(fps)
    sound = _check_audio(audio, sample_rate)
    if pix_fmt in _HALVED_CHROMA:
        pictures = np.pad(pictures, ((0, 0), (0, pictures.shape[1] % 2), (0, pictures.shape[2] % 2), (0, 0)), "edge")
    target = os.fspath(path)
    stem, suffix = os.path.splitext(target)
    partial = os.path.join(os.path.dirname(stem), f".{os.path.basename(stem)}.part-{uuid.uuid4().hex[:12]}{suffix}")
    try:
        with av.open(partial, "w") as container:
            stream = cast(VideoStream, container.add_stream(codec, rate=rate, options=repeatable(codec, options)))
            stream.height, stream.width, stream.pix_fmt = pictures.shape[1], pictures.shape[2], pix_fmt
            stream.codec_context.time_base = 1 / rate
            stream.codec_context.thread_count = threads
            track = None if sound is None else _add_audio(container, audio_codec, sound, sample_rate)
            for index, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame.pts, frame.time_base = index, 1 / rate
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if track is not None and sound is not None:
                _encode_audio(container, track, sound)
        os.replace(partial, target)
    except (av.FFmpegError, ValueError) as error:
        msg = f"{target}: cannot be written as {codec}: {error}"
        raise VideoDecodeError(msg, video=target) from error
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def _add_audio(container: OutputContainer, codec: str, sound: np.ndarray, sample_rate: int | None) -> AudioStream:
    layout = "mono" if sound.shape[0] == 1 else "stereo"
    return cast(AudioStream, container.add_stream(codec, rate=sample_rate, layout=layout))


def _encode_audio(container: OutputContainer, track: AudioStream, sound: np.ndarray) -> None:
    layout, rate = track.layout.name, track.rate
    block = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
    block.sample_rate, block.pts, block.time_base = rate, 0, Fraction(1, rate)
    resampler = av.AudioResampler(track.format.name, layout, rate, track.codec_context.frame_size or None)
    for piece in [*resampler.resample(block), *resampler.resample(None)]:
        container.mux(track.encode(piece))
    container.mux(track.encode(None))


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
    if channels.ndim != 2 or channels.shape[0] not in (1, 2) or not channels.is_floating_point() or not sample_rate:
        msg = (
            "audio is floating point (samples) or (channels, samples) with 1 or 2 channels, and needs a sample_rate; "
            f"this is {audio.dtype} of shape {tuple(audio.shape)}, sample_rate={sample_rate!r}"
        )
        raise ArgumentError(msg)
    return np.ascontiguousarray(channels.detach().cpu().float().clamp(-1, 1).numpy())


_HALVED_CHROMA = frozenset({"yuv420p", "yuvj420p", "yuv420p10le", "nv12"})
