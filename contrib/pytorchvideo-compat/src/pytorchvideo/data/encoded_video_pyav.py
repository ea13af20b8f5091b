"""``EncodedVideoPyAV``: a video that PyAV decodes, with PyAV's own objects at hand."""

from __future__ import annotations

import logging
from typing import Any

from pytorchvideo.data.encoded_video import EncodedVideo, EncodedVideoPyAV
from pytorchvideo.data.utils import pts_to_secs, secs_to_pts, thwc_to_cthw

__all__ = ["EncodedVideo", "EncodedVideoPyAV", "logger", "pts_to_secs", "secs_to_pts", "thwc_to_cthw"]

logger = logging.getLogger(__name__)


def _pyav_decode_stream(
    container: Any,
    start_pts: int,
    end_pts: int,
    stream: Any,
    stream_name: dict[str, int],
    buffer_size: int = 0,
    perform_seek: bool = True,
) -> tuple[list[Any], int]:
    """The decoded frames of a stream of PyAV from one time stamp to before another, and the last time stamp seen."""
    container = getattr(container, "av", container)  # PyAV's, if it is that of an EncodedVideoPyAV
    if perform_seek:
        container.seek(max(int(start_pts), 0), any_frame=False, backward=True, stream=stream)
    frames: dict[int, Any] = {}
    last = 0
    for frame in container.decode(**stream_name):
        if frame.pts is None:
            continue
        last = max(last, frame.pts)
        if frame.pts >= end_pts:
            break
        if frame.pts >= start_pts:
            frames[frame.pts] = frame
    return [frames[pts] for pts in sorted(frames)], last
