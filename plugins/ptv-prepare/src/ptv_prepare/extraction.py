"""``ExtractFrames``: a folder of JPEG images at a constant rate, as the documented ``ffmpeg -r 30 -q:v 1`` makes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from ptv_prepare.errors import OutputError
from ptv_prepare.reading import Source, read_header
from ptv_registry.errors import ArgumentError
from ptv_video.decoders.orientation import UPRIGHT, orientation_of
from ptv_video.decoders.pictures import RgbConverter

#: ``-q:v 1`` in the unit of the encoder, which takes it as the best that it allows.
_BEST: Final = 118


@dataclass(frozen=True)
class ExtractFrames:
    """Writes a video's frames as images.

    Image n (from 0) shows the frame that is nearest in time to n / fps or the one before; frames are repeated or left
    out as the rate needs.

    Attributes:
        pattern: names of the images, from 1 on, such as ``"clip_%06d.jpg"``.
        fps: images per second.
    """

    pattern: str
    fps: Fraction = Fraction(30)

    def __post_init__(self) -> None:
        if not self.fps > 0:
            raise ArgumentError(f"fps={self.fps} is not a positive number of images per second")

    def __call__(self, source: str, target: Path, alive: Callable[[], None]) -> dict[str, Any]:
        """Writes the folder ``target``; returns the number of images.

        Raises:
            VideoDecodeError: the source is broken.
            OutputError: the images cannot be written.
        """
        duration = read_header(source).duration
        try:
            target.mkdir()
        except OSError as error:
            raise OutputError(f"{target}: cannot be written: {error.strerror}", path=str(target)) from error
        written, image = 0, b""
        encoder = _JpegEncoder()
        with Source(source) as reader:
            for repeats, frame in self._timed(reader, duration, alive):
                image = encoder.encode(frame) if repeats else b""
                for _ in range(repeats):
                    written += 1
                    _write(target / (self.pattern % written), image)
            if not written:
                raise reader.container.error("holds no frame that can be decoded")
        return {"frames": written}

    def _timed(self, reader: Source, duration: Fraction, alive: Callable[[], None]) -> Iterator[tuple[int, VideoFrame]]:
        """Each frame with how many images show it."""
        place, held, first = 0, None, Fraction(0)
        for time, frame in reader.frames(alive, sound=False):
            if held is None:
                first = time
            else:
                position = max(place, _nearest((time - first) * self.fps))
                yield position - place, held
                place = position
            held = cast(VideoFrame, frame)
        if held is not None:
            yield max(_nearest(duration * self.fps) - place, 0 if place else 1), held


def _nearest(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}", path=str(path)) from error


class _JpegEncoder:
    """Encodes frames as JPEG, all of the size of the first."""

    def __init__(self) -> None:
        self._context: Any = None
        self._count = 0

    def encode(self, frame: VideoFrame) -> bytes:
        if orientation_of(frame) != UPRIGHT:
            image = RgbConverter(frame.height, frame.width, rotate=True, threads=1).image(frame)
            frame = VideoFrame.from_ndarray(image.copy(), format="rgb24")
        if self._context is None:
            self._context = self._opened(frame)
        context = self._context
        picture = frame.reformat(
            context.width, context.height, "yuvj420p", interpolation="BICUBIC", dst_color_range="JPEG", threads=1
        )
        picture.pts, picture.time_base = self._count, context.time_base
        picture.pict_type = PictureType.NONE
        self._count += 1
        return b"".join(bytes(packet) for packet in context.encode(picture))

    def _opened(self, frame: VideoFrame) -> VideoCodecContext:
        context = cast(VideoCodecContext, av.CodecContext.create("mjpeg", "w"))
        context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuvj420p"
        context.time_base, context.thread_count = Fraction(1, 30), 1
        context.color_range = 2
        context.flags |= Flags.qscale | Flags.bitexact
        context.options = {"global_quality": str(_BEST)}
        return context
