"""``Charades``: several activities at a time, stored as frames."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, ClassVar

import torch
from torch.utils.data import RandomSampler

from ptv_datasets.frame_choice import Pick, Segments
from ptv_datasets.frame_lists import read_frame_lists
from ptv_datasets.label_files import LabelFileError
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.slots import ClipSamplerSlot, TransformSlot, VideoSamplerSlot
from ptv_datasets.ssv2 import check_frames_per_clip
from ptv_video.clip_sampling import ClipInfo, ClipInfoList


class Charades(LabeledVideoDataset):
    """Clips of Charades (https://prior.allenai.org/projects/charades), stored as image frames.

    ``label`` of a sample is a float vector (157) with ones for the classes of the frames of the clip, ``video_label``
    the same for the whole video; ``label_name`` is empty.

    Args:
        data_path: frame list with the columns original_vido_id, video_id, frame_id, path and labels.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the images' paths.
        frames_per_clip: number of frames of a clip, the middle one of each of as many segments; ``None`` for all.
        frame_rate: frames per second at which the images were extracted.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: the frame list cannot be understood, or has a label that is no class.
    """

    NUM_CLASSES: ClassVar[int] = 157

    def __init__(
        self,
        data_path: str,
        clip_sampler: ClipSamplerSlot,
        video_sampler: VideoSamplerSlot = RandomSampler,
        transform: TransformSlot = None,
        video_path_prefix: str = "",
        frames_per_clip: int | None = None,
        *,
        frame_rate: float | Fraction = 30,
        seed: int = 0,
        on_error: OnError = "raise",
        pushdown: bool = True,
    ) -> None:
        check_frames_per_clip(frames_per_clip)
        self._frames_per_clip = frames_per_clip
        self._rate = Fraction(frame_rate).limit_denominator(1001)
        videos = read_frame_lists(data_path, video_path_prefix)
        for video in videos:
            wrong = [label for labels in video.labels for label in labels if not 0 <= label < self.NUM_CLASSES]
            if wrong:
                raise LabelFileError(
                    f"{data_path}: video {video.name} has label {wrong[0]}; the classes are 0 to {self.NUM_CLASSES - 1}",
                    path=str(data_path),
                )
        self._frame_labels = [video.labels for video in videos]
        super().__init__(
            [(video.paths, {"labels": None}) for video in videos],
            clip_sampler,
            video_sampler,
            transform,
            decode_audio=False,
            frame_rate=frame_rate,
            seed=seed,
            on_error=on_error,
            pushdown=pushdown,
        )

    def _pick(self, index: int, start: Fraction, epoch: int) -> Pick | None:
        return super()._pick(index, start, epoch) if self._frames_per_clip is None else Segments(self._frames_per_clip)

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        several = isinstance(info, ClipInfoList)
        starts: Any = info.clip_start_sec if several else [info.clip_start_sec]
        ends: Any = info.clip_end_sec if several else [info.clip_end_sec]
        frames = self._frame_labels[index]
        vectors = [
            self._vector(frames[math.ceil(start * self._rate) : math.ceil(end * self._rate)])
            for start, end in zip(starts, ends, strict=True)
        ]
        return {
            "label": vectors if several else vectors[0],
            "label_name": "",
            "video_label": self._vector(frames),
        }

    def _vector(self, frames: tuple[tuple[int, ...], ...]) -> torch.Tensor:
        vector = torch.zeros(self.NUM_CLASSES)
        vector[[label for labels in frames for label in labels]] = 1
        return vector
