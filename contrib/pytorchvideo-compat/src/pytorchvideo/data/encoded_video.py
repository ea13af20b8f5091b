"""``EncodedVideo``: one video file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import ptv_video
from ptv_registry import as_factory
from ptv_registry.errors import ArgumentError, PtvError
from ptv_video.containers.source import VideoSource, local_path, path_manager
from ptv_video.errors import VideoDecodeError
from ptv_video.video import Video
from pytorchvideo.data.decoder import DecoderType
from pytorchvideo.data.documented_video import DocumentedVideo, OfDecoder
from pytorchvideo.data.video import VideoNotFoundError

__all__ = ["DecoderType", "EncodedVideo", "Video", "logger", "select_video_class"]

logger = logging.getLogger(__name__)


class EncodedVideoError(VideoDecodeError, RuntimeError):
    """The file cannot be opened as a video."""


class MissingVideoError(EncodedVideoError, VideoNotFoundError):
    """The file does not exist."""


class UnknownDecoderError(PtvError, ValueError, NotImplementedError):
    """The decoder is unknown."""


class EncodedVideo(DocumentedVideo, ptv_video.EncodedVideo):
    """A video file, or the bytes of one, whose clips are float32; see :class:`ptv_video.EncodedVideo`."""

    @classmethod
    def from_path(cls, file_path: VideoSource, *flags: Any, **settings: Any) -> Video:
        """Open a video and read its header.

        Args:
            file_path: path or URI.
            *flags: ``decode_audio, decoder`` as documented, or ``decode_video, decode_audio, decoder`` as on the original's
                main branch; a name in the second place tells that it is the first, a truth value the second.
            **settings: ``decode_video``, ``decode_audio`` (both true by default), ``decoder`` (``"pyav"`` by default) and
                arguments of the decoder.

        Raises:
            MissingVideoError: no such file.
            EncodedVideoError: it cannot be opened as a video.
        """
        given = {**_by_name(flags), **settings}
        decoder = given.pop("decoder", "pyav")
        name = decoder.value if isinstance(decoder, DecoderType) else decoder
        factory: Any = _own(cls) if name == "pyav" else _factory(name)
        options = {"decode_video": True, "decode_audio": True, **given}
        if options.get("sample_rate") == -1 and name != "decord":  # decord's word for that of the file
            options["sample_rate"] = None
        try:
            video: Video = factory(file_path, **options)
            _ = video.exact_duration
        except VideoDecodeError as error:
            kind = EncodedVideoError if _is_there(file_path) else MissingVideoError
            raise kind(str(error), **error.fields) from error
        return video if isinstance(video, cls | DocumentedVideo) else OfDecoder(video)


def select_video_class(decoder: Any) -> type[Video]:
    """The class of videos that a decoder reads.

    Raises:
        UnknownDecoderError: no such decoder.
    """
    from pytorchvideo.data.encoded_video_decord import EncodedVideoDecord
    from pytorchvideo.data.encoded_video_pyav import EncodedVideoPyAV
    from pytorchvideo.data.encoded_video_torchvision import EncodedVideoTorchVision

    classes: dict[Any, Any] = {
        "pyav": EncodedVideoPyAV,
        "torchvision": EncodedVideoTorchVision,
        "decord": EncodedVideoDecord,
    }
    name = decoder.value if isinstance(decoder, DecoderType) else decoder
    if name not in classes:
        raise UnknownDecoderError(
            f"decoder {decoder!r} is not one of {', '.join(classes)}; other decoders have no class here"
        )
    found: type[Video] = classes[name]
    return found


def _own(cls: type[EncodedVideo]) -> type[EncodedVideo]:
    from pytorchvideo.data.encoded_video_pyav import EncodedVideoPyAV

    return EncodedVideoPyAV if cls is EncodedVideo else cls


def _factory(name: Any) -> Callable[..., Video]:
    if name in ("torchvision", "decord"):
        return select_video_class(name)
    factory = as_factory("decoder", name)
    if factory is None:
        raise ArgumentError("decoder is None; give the name of one, such as 'pyav'")
    return factory


def _by_name(flags: tuple[Any, ...]) -> dict[str, Any]:
    """Positional arguments by their names: the original has had two orders of them."""
    names = ("decode_video", "decode_audio", "decoder")
    if len(flags) > len(names):
        raise ArgumentError(f"{len(flags)} arguments after the path; give {', '.join(names)} and others by name")
    main = len(flags) > 1 and isinstance(flags[1], bool)
    return dict(zip(names if main else names[1:], flags, strict=False))


def _is_there(source: VideoSource) -> bool:
    if not isinstance(source, str | os.PathLike):
        return True
    try:
        return bool(path_manager.exists(local_path(os.fspath(source))))
    except NotImplementedError:  # a storage that cannot tell
        return True
