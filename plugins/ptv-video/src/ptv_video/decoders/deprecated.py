"""Decoders of the original that were retired: their names still work, warn, and use their replacement."""

from __future__ import annotations

import warnings
from typing import Any

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
    source: VideoSource,
    *,
    video_name: str | None = None,
    decode_video: bool = True,
    decode_audio: bool = True,
    sample_rate: int | None = None,
    mono: bool = True,
    threads: int | None = None,
) -> Video:
    """decord is unmaintained; opens the video with ``torchcodec``, or ``pyav`` where that is absent."""
    settings = {"sample_rate": sample_rate, "mono": mono, "threads": threads}
    return _opened("decord is unmaintained", source, video_name, decode_video, decode_audio, **settings)


def _opened(
    why: str, source: VideoSource, video_name: str | None, decode_video: bool, decode_audio: bool, **settings: Any
) -> Video:
    for name in ("torchcodec", "pyav"):
        try:
            decoder = as_factory("decoder", name) or PyAVVideo
            video: Video = decoder(
                source, video_name=video_name, decode_video=decode_video, decode_audio=decode_audio, **settings
            )
            _ = video.exact_duration  # reads the header, which is when a missing FFmpeg shows
        except (UnknownNameError, PluginLoadError, DecoderUnavailableError):
            continue
        break
    warnings.warn(f"{why}; the decoder '{name}' is used instead, pass it by name to silence this warning", stacklevel=3)
    return video
