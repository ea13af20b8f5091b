"""Clips around the moments of Ego4D."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final

from ptv_datasets.annotations.label_files import LabelFileError, read_json
from ptv_registry.errors import ArgumentError
from pytorchvideo.data.clip_sampling import ClipInfo, ClipSampler
from pytorchvideo.data.utils import get_logger

__all__ = [
    "ClipInfo",
    "ClipSampler",
    "Ego4dImuDataBase",
    "MomentsClipSampler",
    "check_window_len",
    "get_label_id_map",
    "get_logger",
    "log",
]

log = get_logger("Ego4dDatasetUtils")

_SAME: Final = 1e-3
_ROUNDING: Final = 0.1


class LabelIdsNotFoundError(LabelFileError, FileNotFoundError):
    """The file of label numbers does not exist or cannot be read."""


class MomentError(ArgumentError, AssertionError):
    """A moment lies outside of its video, or a window does not fit into it."""


def check_window_len(s_time: float, e_time: float, w_len: float, video_dur: float | None) -> tuple[float, float]:
    """Grow or shrink a stretch around its middle to a length, and move it into the video.

    Args:
        s_time: start in seconds.
        e_time: end in seconds.
        w_len: the length in seconds.
        video_dur: duration of the video in seconds; ``None`` if it is not known.

    Raises:
        MomentError: the video is shorter than the length.
    """
    if abs(e_time - s_time - w_len) > _SAME:
        start = max((s_time + e_time - w_len) / 2, 0)
        s_time, e_time = start, start + w_len
    if video_dur and e_time > video_dur:
        if video_dur < w_len:
            raise MomentError(f"a window of {w_len:g} s does not fit into a video of {video_dur:g} s")
        s_time, e_time = s_time - (e_time - video_dur), video_dur
    return s_time, e_time


class MomentsClipSampler(ClipSampler):
    """One clip around the moment that is known of a video, ``label_video_start_sec`` to ``label_video_end_sec``.

    The clip's start and end are added to what is known of the video, as ``clip_start`` and ``clip_end``.

    Args:
        window_sec: length of the clip in seconds; 0 for that of the moment.
    """

    _count_of_any_video = 1

    def __init__(self, window_sec: float = 0) -> None:
        super().__init__(window_sec or 1)
        self.window_sec = window_sec

    def __call__(self, last_clip_end_time: Any, video_duration: Any, annotation: Any) -> ClipInfo:
        """The clip.

        Raises:
            MomentError: the moment ends before it starts, or behind the video.
        """
        start, end = annotation["label_video_start_sec"], annotation["label_video_end_sec"]
        if end < start or (video_duration is not None and end > video_duration + _ROUNDING):
            raise MomentError(f"the moment [{start:g}, {end:g}] s does not lie in a video of {video_duration} s")
        if self.window_sec > 0:
            start, end = check_window_len(start, end, self.window_sec, float(video_duration or 0))
        annotation["clip_start"], annotation["clip_end"] = start, end
        return ClipInfo(start, end, 0, 0, True)


def get_label_id_map(label_id_map_path: str) -> dict[str, int]:
    """The numbers of labels from a JSON file.

    Raises:
        LabelIdsNotFoundError: there is none, or it is not a JSON object.
    """
    try:
        found = read_json(label_id_map_path)
    except (OSError, LabelFileError) as error:
        raise LabelIdsNotFoundError(
            f"{label_id_map_path} must be a JSON object of labels to numbers: {error}"
        ) from error
    if not isinstance(found, dict):
        raise LabelIdsNotFoundError(f"{label_id_map_path} must be a JSON object of labels to numbers")
    return found


class Ego4dImuDataBase(ABC):
    """What gives the inertial measurements of videos.

    Args:
        basepath: where they are.
    """

    def __init__(self, basepath: str) -> None:
        self.basepath = basepath

    @abstractmethod
    def has_imu(self, video_uid: str) -> bool:
        """Whether there are measurements of a video."""

    @abstractmethod
    def get_imu_sample(self, video_uid: str, video_start: float, video_end: float) -> dict[str, Any]:
        """The measurements of a stretch of a video, in seconds."""
