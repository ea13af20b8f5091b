"""``Charades``: several activities at a time, stored as frames or as it comes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, ClassVar

import torch
from torch.utils.data import RandomSampler

from ptv_datasets.annotations.charades_lists import NUM_CLASSES, is_charades, read_actions
from ptv_datasets.annotations.frame_lists import FrameLists, read_frame_lists
from ptv_datasets.annotations.label_files import read_text
from ptv_datasets.annotations.named_videos import find_videos, root_of, tell_missing
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.reading.frame_choice import Pick, Segments
from ptv_datasets.slots import BuiltSampler, BuiltTransform, VideoSampler
from ptv_datasets.ssv2 import check_frames_per_clip
from ptv_datasets.video_lists.packed import Packed
from ptv_datasets.video_lists.packed_videos import PackedVideos
from ptv_video.samplers.factory import ClipInfo, ClipInfoList


class Charades(LabeledVideoDataset):
    """Clips of Charades (https://prior.allenai.org/projects/charades), stored as image frames or as videos.

    ``label`` of a sample is a float vector (157) with ones for the classes of the frames of the clip, ``video_label``
    the same for the whole video; ``label_name`` is empty.

    Args:
        data_path: frame list with the columns original_vido_id, video_id, frame_id, path and labels; or the official file
            (``Charades_v1_train.csv``), whose videos, ``ID.mp4`` or the folders ``ID`` of the official frames, are found by
            their names; those that are not there are left out with a warning.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the images' paths; for the official file, the folder that holds the videos
            at any depth, by default that of the file.
        frames_per_clip: number of frames of a clip, the middle one of each of as many segments; ``None`` for all.
        frame_rate: frames per second at which the images were extracted; ``None`` for 30, or 24 with the official file, whose
            frames are so.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: the frame list cannot be understood, or has a label that is not a class.
    """

    NUM_CLASSES: ClassVar[int] = NUM_CLASSES

    def __init__(
        self,
        data_path: str,
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        video_path_prefix: str = "",
        frames_per_clip: int | None = None,
        *,
        frame_rate: float | Fraction | None = None,
        seed: int = 0,
        on_error: OnError = "raise",
        pushdown: bool = True,
    ) -> None:
        check_frames_per_clip(frames_per_clip)
        self._frames_per_clip = frames_per_clip
        self._actions: Packed | None = None
        self._frames: FrameLists | None = None
        if is_charades(read_text(data_path)):
            videos = self._official(data_path, video_path_prefix)
        else:
            videos = self._listed(data_path, video_path_prefix)
        frame_rate = frame_rate if frame_rate is not None else 30 if self._actions is None else 24
        self._rate = Fraction(frame_rate).limit_denominator(1001)
        super().__init__(
            videos,
            clip_sampler,
            video_sampler,
            transform,
            decode_audio=False,
            frame_rate=frame_rate,
            seed=seed,
            on_error=on_error,
            pushdown=pushdown,
        )

    def _listed(self, data_path: str, prefix: str) -> PackedVideos:
        self._frames = read_frame_lists(data_path, prefix, self.NUM_CLASSES)
        number = len(self._frames)
        return PackedVideos(self._frames, range(number), ({"labels": None} for _ in range(number)))

    def _official(self, data_path: str, prefix: str) -> PackedVideos:
        actions = read_actions(data_path)
        root = root_of(data_path, prefix)
        there = find_videos(root)
        missing = [name for name in actions if name not in there]
        tell_missing(data_path, root, missing, len(actions), "give the folder of the videos as video_path_prefix")
        found = [name for name in actions if name in there]
        self._actions = Packed(actions[name] for name in found)
        sources = Packed(there[name] for name in found)
        return PackedVideos(sources, range(len(found)), ({"labels": None} for _ in found))

    def _pick(self, index: int, start: Fraction, epoch: int) -> Pick | None:
        return super()._pick(index, start, epoch) if self._frames_per_clip is None else Segments(self._frames_per_clip)

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        several = isinstance(info, ClipInfoList)
        starts: Any = info.clip_start_sec if several else [info.clip_start_sec]
        ends: Any = info.clip_end_sec if several else [info.clip_end_sec]
        vectors = [self._vector(self._classes(index, start, end)) for start, end in zip(starts, ends, strict=True)]
        return {
            "label": vectors if several else vectors[0],
            "label_name": "",
            "video_label": self._vector(self._classes(index, Fraction(0), None)),
        }

    def _classes(self, index: int, start: Fraction, end: Fraction | None) -> list[int]:
        """The classes of the frames from ``start`` to before ``end``, in seconds; ``None`` for the end of the video."""
        if self._actions is not None:
            found = self._actions[index]
            return [one.label for one in found if end is None or (one.begin_s < end and one.end_s >= start)]
        first, last = math.ceil(start * self._rate), None if end is None else math.ceil(end * self._rate)
        return [] if self._frames is None else self._frames.labels(index, first, last)

    def _vector(self, classes: list[int]) -> torch.Tensor:
        vector = torch.zeros(self.NUM_CLASSES)
        vector[classes] = 1
        return vector
