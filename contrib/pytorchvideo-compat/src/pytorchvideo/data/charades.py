"""``Charades``."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, VideoSampler
from pytorchvideo.data.clip_sampling import ClipInfo, ClipInfoList, ClipSampler
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.iterable_clips import IterableClips, lenient
from pytorchvideo.data.utils import MultiProcessSampler

__all__ = ["Charades", "ClipSampler", "FrameVideo", "MultiProcessSampler"]


#: Of a frame, for times that are floats.
_ROUNDING: Final = Fraction(1, 1000)


class Charades(IterableClips, ptv_datasets.Charades):
    """Clips of Charades, one after the other; see :class:`ptv_datasets.Charades` for arguments and samples."""

    def __init__(
        self,
        data_path: str,
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        video_path_prefix: str = "",
        frames_per_clip: int | None = None,
        *,
        frame_rate: float | Fraction = 30,
        seed: int = 0,
        on_error: OnError | None = None,
    ) -> None:
        ptv_datasets.Charades.__init__(
            self,
            data_path,
            clip_sampler,
            video_sampler,
            transform,
            video_path_prefix,
            frames_per_clip,
            frame_rate=frame_rate,
            seed=seed,
            on_error=on_error or lenient(clip_sampler),
        )
        self.iterate_as_documented()

    @property
    def _path_to_videos(self) -> list[list[str]]:
        return [list(self.videos[index].source) for index in range(len(self.videos))]

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        """The classes of each frame of the clip, and all of the video; of an official file, those of the plugin."""
        frames = self._frames
        if frames is None or isinstance(info, ClipInfoList):
            return super()._labels(index, info)
        first, end = (
            math.ceil(Fraction(time) * self._rate - _ROUNDING) for time in (info.clip_start_sec, info.clip_end_sec)
        )
        shown = range(max(first, 0), min(max(end, first + 1), frames.count(index)))
        return {
            "video_name": str(index),
            "label": [frames.labels(index, frame, frame + 1) for frame in shown],
            "video_label": frames.labels(index),
        }
