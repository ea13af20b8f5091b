"""Reading images, with retries, because remote storage sometimes fails."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import av

from ptv_registry.redaction import without_secrets
from ptv_video.containers.formats import IMAGE_FORMATS, limit_pixels, open_input
from ptv_video.containers.source import local_path, path_manager
from ptv_video.decoders.pictures import RgbConverter
from ptv_video.errors import VideoDecodeError

if TYPE_CHECKING:
    import torch

IMAGE_SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

_JPEG: Final = b"\xff\xd8\xff"
_SCAN: Final = 0xDA
_END: Final = b"\xff\xd9"

_FIRST_PAUSE_SEC: Final = 0.01
_THREADS: Final = 8

logger = logging.getLogger(__name__)


def read_image(uri: str, *, retries: int = 3) -> torch.Tensor:
    """Reads one image.

    Args:
        uri: a path or URI, opened through :data:`ptv_video.path_manager`.
        retries: how many times to try again, each after a longer pause; every failure is logged.

    Returns:
        uint8 (C, H, W), RGB.

    Raises:
        VideoDecodeError: every attempt failed; the last cause is chained.
    """
    pause = _FIRST_PAUSE_SEC
    for attempt in range(retries + 1):
        try:
            return _decode(_read(uri))
        except (OSError, ValueError, av.FFmpegError) as error:
            if attempt == retries or isinstance(error, FileNotFoundError | IsADirectoryError):
                msg = f"{uri}: cannot be read as an image after {attempt + 1} attempt(s): {error}"
                raise VideoDecodeError(msg, video=uri) from error
            logger.warning(
                "%s: reading failed (attempt %d of %d): %s", without_secrets(uri), attempt + 1, retries + 1, error
            )
            time.sleep(pause)
            pause *= 4
    raise AssertionError  # pragma: no cover - the loop returns or raises


def read_images(uris: Sequence[str], *, retries: int = 3, multithreaded: bool = False) -> torch.Tensor:
    """Reads images of one size as uint8 (C, T, H, W); each file is read once however often it is listed.

    Raises:
        VideoDecodeError: an image cannot be read, or the sizes differ.
    """
    import torch

    distinct = list(dict.fromkeys(uris))
    if multithreaded and len(distinct) > 1:
        with ThreadPoolExecutor(min(_THREADS, len(distinct))) as pool:
            images = dict(zip(distinct, pool.map(lambda uri: read_image(uri, retries=retries), distinct), strict=True))
    else:
        images = {uri: read_image(uri, retries=retries) for uri in distinct}
    check_sizes({uri: image.shape for uri, image in images.items()})
    return torch.stack([images[uri] for uri in uris], dim=1)


def check_sizes(shapes: Mapping[str, torch.Size]) -> None:
    """Raises :class:`VideoDecodeError` for the first image, by address, that has not the shape (C, H, W) of the first."""
    (first, expected), *others = shapes.items()
    for uri, shape in others:
        if shape != expected:
            msg = f"{uri}: is {_size(shape)} pixels, but {first} is {_size(expected)}; frames have one size"
            raise VideoDecodeError(msg, video=uri)


def _read(uri: str) -> bytes:
    with path_manager.open(local_path(uri), "rb") as file:
        return bytes(file.read())


def _decode(data: bytes) -> torch.Tensor:
    import torch

    if data.startswith(_JPEG) and not _is_whole_jpeg(data):
        msg = "is cut short: its end is missing"
        raise ValueError(msg)
    with open_input(io.BytesIO(data), IMAGE_FORMATS) as container:
        for stream in container.streams.video[:1]:
            limit_pixels(stream)
        for frame in container.decode(video=0):
            image = RgbConverter(frame.height, frame.width, rotate=True, threads=1).image(frame)
            return torch.from_numpy(image.copy()).permute(2, 0, 1)
    msg = "holds no picture"
    raise ValueError(msg)


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether the scan is followed by an end marker; FFmpeg would fill up with grey what is missing."""
    place = len(_JPEG) - 1
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return True  # no marker where one must be: FFmpeg is to say what is wrong
        marker = data[place + 1]
        if marker == _SCAN:
            return data.find(_END, place) >= 0
        # A segment states its length; a byte that only fills up stands alone.
        place += 1 if marker == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def _size(shape: torch.Size) -> str:
    return f"{shape[2]}x{shape[1]}"
