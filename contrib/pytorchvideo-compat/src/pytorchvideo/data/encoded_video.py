"""``EncodedVideo``: one video file, and ``EncodedVideoPyAV``, with PyAV's own objects at hand."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ptv_video
from ptv_registry import as_factory
from ptv_registry.errors import ArgumentError, PtvError
from ptv_video.containers.source import VideoSource, local_path, name_of, path_manager
from ptv_video.errors import VideoDecodeError
from ptv_video.video import Video
from pytorchvideo.data.decoder import DecoderType
from pytorchvideo.data.documented_video import DocumentedVideo, OfDecoder

__all__ = ["DecoderType", "EncodedVideo", "Video", "logger", "select_video_class"]

logger = logging.getLogger(__name__)


class VideoNotFoundError(PtvError, FileNotFoundError):
    """Neither a file nor a folder exists at the path."""


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


class EncodedVideoPyAV(EncodedVideo):
    """A video that PyAV decodes; see :class:`ptv_video.PyAVVideo` for the other arguments.

    Args:
        file: the file, its bytes, or its path.
        video_name: what to call the video.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry sound.
        perform_seek: accepted as documented; a clip is found by its keyframe in any case.
        **settings: of :class:`ptv_video.PyAVVideo`.

    Raises:
        EncodedVideoError: it cannot be opened as a video.
    """

    def __init__(
        self,
        file: VideoSource,
        video_name: str | None = None,
        decode_video: bool = True,
        decode_audio: bool = True,
        perform_seek: bool = True,
        **settings: Any,
    ) -> None:
        if hasattr(file, "read"):  # which its owner may close before clips are read
            video_name, file = video_name or name_of(file), file.read()
        super().__init__(file, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio, **settings)
        self.perform_seek = perform_seek
        try:
            _ = self._open  # whose streams clients look at
        except VideoDecodeError as error:
            raise EncodedVideoError(str(error), **error.fields) from error

    @property
    def rate(self) -> Fraction | None:
        """Frames per second."""
        rate: Fraction | None = self._pictures.average_rate
        return rate

    @property
    def bit_rate(self) -> int | None:
        """Bits per second of the pictures."""
        rate: int | None = self._pictures.bit_rate
        return rate

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of the pixel format."""
        name: str = self._pictures.pix_fmt
        return name

    @property
    def _pictures(self) -> Any:
        return self._stream_at(self._open.pictures, "pictures")

    @property
    def _video_name(self) -> str:
        return self.name

    @property
    def _duration(self) -> float:
        return self.duration

    @property
    def _has_audio(self) -> bool:
        return self.has_audio

    @property
    def _video_time_base(self) -> Fraction:
        base: Fraction = self._pictures.time_base
        return base

    @property
    def _video_start_pts(self) -> int:
        return self._pictures.start_time or 0

    @property
    def _audio_time_base(self) -> Fraction:
        base: Fraction = self._sound_stream.time_base
        return base

    @property
    def _audio_start_pts(self) -> int:
        return self._sound_stream.start_time or 0

    @property
    def _sound_stream(self) -> Any:
        return self._stream_at(self._open.sound, "sound")

    def _stream_at(self, index: int | None, what: str) -> Any:
        if index is None:
            raise ArgumentError(f"{self.name} has no {what}")
        return self._open.av.streams[index]


def select_video_class(decoder: Any) -> type[Video]:
    """The class of videos that a decoder reads.

    Raises:
        UnknownDecoderError: no such decoder.
    """
    from pytorchvideo.data.encoded_video_decord import EncodedVideoDecord
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
