"""Decoders of the original that are no more: their names work, warn, and use what replaced them."""

from __future__ import annotations

import warnings

from ptv_registry import as_factory
from ptv_registry.errors import PluginLoadError, UnknownNameError
from ptv_video.containers.source import VideoSource
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.errors import DecoderUnavailableError
from ptv_video.video import Video


def torchvision(
    source: VideoSource, *, video_name: str | None = None, decode_video: bool = True, decode_audio: bool = True
) -> Video:
    """Torchvision's video reader was removed; opens the video with ``torchcodec``, or ``pyav`` where that is absent."""
    why = "torchvision's video reader was removed from torchvision"
    return _opened(why, source, video_name, decode_video, decode_audio)


def decord(
    source: VideoSource, *, video_name: str | None = None, decode_video: bool = True, decode_audio: bool = True
) -> Video:
    """decord is no longer maintained; opens the video with ``torchcodec``, or ``pyav`` where that is absent."""
    why = "decord is no longer maintained"
    return _opened(why, source, video_name, decode_video, decode_audio)


def _opened(why: str, source: VideoSource, video_name: str | None, decode_video: bool, decode_audio: bool) -> Video:
    for name in ("torchcodec", "pyav"):
        try:
            decoder = as_factory("decoder", name) or PyAVVideo
            video: Video = decoder(source, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio)
            _ = video.exact_duration  # reads the header, which is when a missing FFmpeg shows
        except (UnknownNameError, PluginLoadError, DecoderUnavailableError):
            continue
        break
    warnings.warn(f"{why}; the decoder '{name}' is used instead, name it to be rid of this warning", stacklevel=3)
    return video
