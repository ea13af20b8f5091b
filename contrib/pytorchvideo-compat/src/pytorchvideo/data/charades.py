"""``Charades``."""

from __future__ import annotations

from fractions import Fraction

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, VideoSampler
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.frame_video import FrameVideo
from pytorchvideo.data.iterable_clips import IterableClips, lenient
from pytorchvideo.data.utils import MultiProcessSampler

__all__ = ["Charades", "ClipSampler", "FrameVideo", "MultiProcessSampler"]


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
