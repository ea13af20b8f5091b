"""The inertial measurements of Ego4D, from a CSV file per video."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np

from ptv_registry.retired import retired_names
from ptv_video.containers.source import path_manager
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.ego4d.utils import Ego4dImuDataBase, MomentsClipSampler, get_label_id_map
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset
from pytorchvideo.data.utils import get_logger
from pytorchvideo.data.video import VideoPathHandler
from pytorchvideo.transforms.transforms import (
    ApplyTransformToKey,
    Div255,
    Normalize,
    RandomShortSideScale,
    ShortSideScale,
)

__all__ = [
    "ApplyTransformToKey",
    "ClipSampler",
    "Div255",
    "Ego4dImuData",
    "Ego4dImuDataBase",
    "LabeledVideoDataset",
    "MomentsClipSampler",
    "Normalize",
    "RandomShortSideScale",
    "ShortSideScale",
    "VideoPathHandler",
    "get_label_id_map",
    "get_logger",
    "log",
]

log = get_logger("Ego4dMomentsDataset")

_AXES: Final = ("accl_x", "accl_y", "accl_z", "gyro_x", "gyro_y", "gyro_z")


class Ego4dImuData(Ego4dImuDataBase):
    """Acceleration and rotation along three axes each, normalised, from ``VIDEO.csv`` with ``canonical_timestamp_ms``.

    Args:
        imu_path: folder of the files.
    """

    def __init__(self, imu_path: str) -> None:
        super().__init__(imu_path)
        self._names = {name.removesuffix(".csv") for name in path_manager.ls(imu_path) if name.endswith(".csv")}
        self._last: tuple[str, Any, Any] | None = None

    def has_imu(self, video_uid: str) -> bool:
        """Whether there is a file of a video."""
        return video_uid in self._names

    def get_imu_sample(self, video_uid: str, video_start: float, video_end: float) -> dict[str, Any]:
        """``timestamp`` (N) in milliseconds, ``signal`` (N, 6) and ``sampling_rate`` of a stretch, in seconds."""
        if self._last is None or self._last[0] != video_uid:
            self._last = (video_uid, *self._read(video_uid))
        _, times, signal = self._last
        part = slice(*np.searchsorted(times, (video_start * 1000, video_end * 1000)))
        rate = round(1000 / np.diff(times).mean())
        return {"timestamp": times[part], "signal": signal[part], "sampling_rate": rate}

    def _read(self, video_uid: str) -> tuple[Any, Any]:
        with path_manager.open(os.path.join(self.basepath, f"{video_uid}.csv"), "r") as file:
            table = np.genfromtxt(file, delimiter=",", names=True, filling_values=0.0)
        signal = np.stack([table[axis] for axis in _AXES], axis=1)
        return table["canonical_timestamp_ms"], (signal - signal.mean(0)) / signal.std(0)


__getattr__ = retired_names(
    __name__,
    {
        "Ego4dMomentsDataset": "LabeledVideoDataset with MomentsClipSampler and the transforms of ptv_transforms, for "
        "the dataset needs torchaudio and paths of its own storage"
    },
)
