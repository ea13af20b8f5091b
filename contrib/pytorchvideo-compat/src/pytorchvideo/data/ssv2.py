"""``SSv2``: Something-Something V2."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, VideoSampler
from pytorchvideo.data.clip_sampling import ClipInfo, ClipInfoList, ClipSampler
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.iterable_clips import IterableClips, lenient
from pytorchvideo.data.utils import MultiProcessSampler

__all__ = ["ClipSampler", "FrameVideo", "MultiProcessSampler", "SSv2"]


class SSv2(IterableClips, ptv_datasets.SSv2):
    """Clips of Something-Something V2, one after the other; see :class:`ptv_datasets.SSv2` for arguments and samples."""

    def __init__(
        self,
        label_name_file: str,
        video_label_file: str,
        video_path_label_file: str,
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        video_path_prefix: str = "",
        frames_per_clip: int | None = None,
        rand_sample_frames: bool = False,
        *,
        frame_rate: float | Fraction = 30,
        seed: int = 0,
        on_error: OnError | None = None,
    ) -> None:
        ptv_datasets.SSv2.__init__(
            self,
            label_name_file,
            video_label_file,
            video_path_label_file,
            clip_sampler,
            video_sampler,
            transform,
            video_path_prefix,
            frames_per_clip,
            rand_sample_frames,
            frame_rate=frame_rate,
            seed=seed,
            on_error=on_error or lenient(clip_sampler),
        )
        self.iterate_as_documented()

    @property
    def _path_to_videos(self) -> list[list[str]]:
        return [list(self.videos[index].source) for index in range(len(self.videos))]

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        return {"video_name": str(index), "label": super()._labels(index, info)["label"]}
