"""Decoders of the original that are no more: their names work, warn, and use what replaced them."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from ptv_video.errors import DecoderUnavailableError
from ptv_video.pyav import PyAVVideo
from ptv_video.source import VideoSource
from ptv_video.video import Video


def torchvision(
    source: VideoSource, *, video_name: str | None = None, decode_video: bool = True, decode_audio: bool = True
) -> Video:
    """Torchvision's video reader was removed; opens the video with ``torchcodec``, or ``pyav`` where that is absent."""
    why = "torchvision's video reader was removed from torchvision"
    return _replacement(why)(source, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio)


def decord(
    source: VideoSource, *, video_name: str | None = None, decode_video: bool = True, decode_audio: bool = True
) -> Video:
    """decord is no longer maintained; opens the video with ``torchcodec``, or ``pyav`` where that is absent."""
    why = "decord is no longer maintained"
    return _replacement(why)(source, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio)


def decoder_named(name: str) -> Callable[..., Video]:
    """A factory of open videos by the decoder's registered name."""
    from ptv_registry import build

    def decoder(source: VideoSource, *, decode_video: bool = True, decode_audio: bool = True) -> Video:
        video: Video = build(name, kind="decoder", source=source, decode_video=decode_video, decode_audio=decode_audio)
        return video

    return decoder


def _replacement(why: str) -> Callable[..., Video]:
    decoder, name = _torchcodec_or_pyav()
    warnings.warn(f"{why}; the decoder '{name}' is used instead, name it to be rid of this warning", stacklevel=3)
    return decoder


def _torchcodec_or_pyav() -> tuple[Callable[..., Video], str]:
    try:
        from ptv_torchcodec import TorchCodecVideo, require_torchcodec

        require_torchcodec()
    except (ImportError, DecoderUnavailableError):
        return PyAVVideo, "pyav"
    return TorchCodecVideo, "torchcodec"
