"""``export_video_array``: an array of frames written as a video, under the arguments that PyTorchVideo gave it."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from ptv_registry.errors import ArgumentError
from ptv_video.encoder_options import repeatable
from ptv_video.errors import VideoDecodeError

if TYPE_CHECKING:
    import torch


def export_video_array(
    video: torch.Tensor | np.ndarray[Any, Any],
    output_path: str | os.PathLike[str],
    rate: float | str | Fraction,
    bit_rate: int | None = None,
    pix_fmt: str | None = None,
    height: int | None = None,
    width: int | None = None,
    in_format: str = "rgb24",
    out_format: str = "bgr24",
    video_codec: str = "mpeg4",
    options: dict[str, Any] | None = None,
) -> Any:
    """Encode frames as MP4.

    Args:
        video: (C, T, H, W) in [0, 255], of any dtype, as clips are read.
        output_path: local path.
        rate: frames per second.
        bit_rate: bits per second; ``None`` for the encoder's own.
        pix_fmt: pixel format; ``None`` for ``yuv420p``, with ``libx264rgb`` for ``rgb24``.
        height: of the video in pixels; ``None`` for that of the frames.
        width: of the video in pixels; ``None`` for that of the frames.
        in_format: pixel format of the frames.
        out_format: accepted as documented; frames go to the encoder's own format in one step.
        video_codec: FFmpeg's name of the encoder.
        options: of the encoder.

    Returns:
        PyAV's stream, which tells size, rate and format.

    Raises:
        ArgumentError: the frames have another shape, or floating-point frames lie in [0, 1].
        VideoDecodeError: FFmpeg refuses to write it so.
    """
    frames = np.asarray(video)
    if frames.ndim != 4 or 0 in frames.shape:
        raise ArgumentError(f"frames are (C, T, H, W), not of shape {frames.shape}")
    if (
        frames.dtype.kind == "f"
        and frames.max() <= 1
        and frames.max() > 0
        and not np.array_equal(frames, frames.round())
    ):
        raise ArgumentError(f"frames lie in [0, 255]; these go up to {frames.max():.4g}: multiply them by 255")
    exact = Fraction(rate).limit_denominator(1001) if not isinstance(rate, str) else Fraction(rate)
    try:
        with av.open(os.fspath(output_path), "w", format="mp4") as container:
            stream: Any = container.add_stream(video_codec, rate=exact, options=repeatable(video_codec, options))
            stream.height, stream.width = height or frames.shape[2], width or frames.shape[3]
            stream.pix_fmt = pix_fmt or ("rgb24" if video_codec == "libx264rgb" else "yuv420p")
            if bit_rate:
                stream.bit_rate = bit_rate
            for number, picture in enumerate(np.moveaxis(frames, 0, -1)):
                pixels = np.ascontiguousarray(picture.clip(0, 255).astype(np.uint8))
                frame = av.VideoFrame.from_ndarray(pixels, format=in_format)
                frame.pts, frame.time_base = number, 1 / exact
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (av.FFmpegError, ValueError) as error:
        raise VideoDecodeError(f"{output_path}: cannot be written as {video_codec}: {error}") from error
    return stream
