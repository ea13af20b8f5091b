"""``EpicKitchenRecognition`` and ``EpicKitchenForecasting``: actions in kitchens, now and next."""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum
from typing import Any

import torch
from torch.utils.data import Dataset

from ptv_datasets.annotations.manifest_videos import ManifestVideo, load_videos
from ptv_datasets.annotations.manifests import ActionData, VideoClipInfo, VideoDatasetType, by_video, read_records
from ptv_datasets.reading.frame_choice import FrameChoice, Spread
from ptv_datasets.slots import BuiltTransform
from ptv_datasets.ssv2 import check_frames_per_clip
from ptv_registry.errors import ArgumentError
from ptv_video.samplers.factory import as_seconds


class ClipSampling(Enum):
    """How Epic-Kitchens clips are sampled."""

    RandomOffsetUniform = 1
    Random = 2


class EpicKitchenDataset(Dataset[Any]):
    """Clips of Epic-Kitchens-55 and 100 (https://epic-kitchens.github.io/2019/).

    A sample has ``video_id``, ``video``, uint8 (C, T, H, W), ``audio`` (empty where there is none), ``actions``, a list of
    :class:`ActionData`, and ``start_time`` and ``stop_time`` in seconds.

    Args:
        video_info_file_path: CSV with the columns of :class:`VideoInfo`.
        actions_file_path: CSV with the columns of :class:`ActionData`.
        clip_sampler: called with the videos and the actions, both by video_id; gives the clips.
        video_data_manifest_file_path: CSV with the columns of :class:`VideoFrameInfo` or :class:`EncodedVideoInfo`, or a folder
            of the videos or of folders of images, named after their ids.
        dataset_type: how the videos are stored.
        transform: called with each sample.
        frames_per_clip: number of frames of a clip, evenly spread; ``None`` for all.
        multithreaded_io: read images in several threads.

    Raises:
        LabelFileError: a manifest cannot be understood; the message names row and column.
    """

    _video_kind: type[ManifestVideo] = ManifestVideo

    def __init__(
        self,
        video_info_file_path: str,
        actions_file_path: str,
        clip_sampler: Callable[[dict[str, ManifestVideo], dict[str, list[ActionData]]], list[VideoClipInfo]],
        video_data_manifest_file_path: str,
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        transform: BuiltTransform = None,
        frames_per_clip: int | None = None,
        multithreaded_io: bool = True,
    ) -> None:
        check_frames_per_clip(frames_per_clip)
        self._videos = load_videos(
            video_data_manifest_file_path,
            video_info_file_path,
            dataset_type,
            multithreaded_io,
            kind=self._video_kind,
        )
        actions = by_video(read_records(actions_file_path, ActionData))
        self._actions = {
            video_id: sorted(found, key=lambda action: action.start_time) for video_id, found in actions.items()
        }
        self._frames_per_clip = frames_per_clip
        self._transform = transform
        self._clips = clip_sampler(self._videos, self._actions)

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, index: int) -> Any:
        """Clip ``index`` of those that the sampler gave."""
        clip = self._clips[index]
        with self._videos[clip.video_id].open() as video:
            sample = {"video_id": clip.video_id, **self._read(video, clip)}
        sample |= {
            "actions": self._actions_of(clip, self._actions.get(clip.video_id, [])),
            "start_time": clip.start_time,
            "stop_time": clip.stop_time,
        }
        return sample if self._transform is None else self._transform(sample)

    def _read(self, video: Any, clip: VideoClipInfo) -> dict[str, Any]:
        return self._part(video, clip.start_time, clip.stop_time)

    def _part(self, video: Any, start: float, stop: float) -> dict[str, Any]:
        pick = None if self._frames_per_clip is None else Spread(self._frames_per_clip)
        choice = FrameChoice(as_seconds(start), as_seconds(stop), video.exact_duration, pick=pick)
        found = video.get_clip(*choice.span, select=choice)
        return {"video": found["video"], "audio": torch.zeros(0) if found["audio"] is None else found["audio"]}

    def _actions_of(self, clip: VideoClipInfo, actions: list[ActionData]) -> list[ActionData]:
        return actions


class EpicKitchenRecognition(EpicKitchenDataset):
    """Which actions happen in a clip of Epic-Kitchens-55 and 100: ``actions`` are those that overlap with it.

    Args:
        video_info_file_path: see :class:`EpicKitchenDataset`.
        actions_file_path: see :class:`EpicKitchenDataset`.
        video_data_manifest_file_path: see :class:`EpicKitchenDataset`.
        clip_sampling: ``ClipSampling.RandomOffsetUniform``: clips in a row, from a random offset.
        dataset_type: see :class:`EpicKitchenDataset`.
        seconds_per_clip: length of a clip in seconds.
        frames_per_clip: number of frames of a clip, evenly spread; ``None`` for all.
        transform: called with each sample.
        multithreaded_io: read images in several threads.
        seed: decides the offsets, which are the same in every process.
    """

    def __init__(
        self,
        video_info_file_path: str,
        actions_file_path: str,
        video_data_manifest_file_path: str,
        clip_sampling: ClipSampling = ClipSampling.RandomOffsetUniform,
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        seconds_per_clip: float = 2.0,
        frames_per_clip: int | None = None,
        transform: BuiltTransform = None,
        multithreaded_io: bool = True,
        *,
        seed: int = 0,
    ) -> None:
        if clip_sampling is not ClipSampling.RandomOffsetUniform:
            raise ArgumentError(f"clip_sampling={clip_sampling!r}; recognition knows ClipSampling.RandomOffsetUniform")
        _positive("seconds_per_clip", seconds_per_clip)

        def clips(videos: dict[str, ManifestVideo], actions: dict[str, list[ActionData]]) -> list[VideoClipInfo]:
            found = []
            for video_id, video in videos.items():
                offset = random.Random(f"{seed}/{video_id}").random() * seconds_per_clip
                number = int((video.duration - offset) // seconds_per_clip)
                starts = [offset + index * seconds_per_clip for index in range(number)]
                found += [VideoClipInfo(video_id, start, start + seconds_per_clip) for start in starts]
            return found

        super().__init__(
            video_info_file_path,
            actions_file_path,
            clips,
            video_data_manifest_file_path,
            dataset_type,
            transform,
            frames_per_clip,
            multithreaded_io,
        )

    def _actions_of(self, clip: VideoClipInfo, actions: list[ActionData]) -> list[ActionData]:
        return [a for a in actions if a.start_time <= clip.stop_time and a.stop_time >= clip.start_time]


class EpicKitchenForecasting(EpicKitchenDataset):
    """Which actions follow a stretch of Epic-Kitchens-55 and 100: ``actions`` are the next ones after it.

    ``video`` is (num_input_clips, C, T, H, W), the last clip ending with an action; ``audio`` that of the whole stretch.

    Args:
        video_info_file_path: see :class:`EpicKitchenDataset`.
        actions_file_path: see :class:`EpicKitchenDataset`.
        video_data_manifest_file_path: see :class:`EpicKitchenDataset`.
        clip_sampling: ``ClipSampling.Random``: a stretch before the end of every action.
        dataset_type: see :class:`EpicKitchenDataset`.
        seconds_per_clip: length of each clip of the stretch in seconds.
        clip_time_stride: seconds from the start of one clip to that of the next.
        num_input_clips: number of clips.
        frames_per_clip: number of frames of each clip, evenly spread; ``None`` for all, with one clip.
        num_forecast_actions: number of actions to forecast.
        transform: called with each sample.
        multithreaded_io: read images in several threads.
    """

    def __init__(
        self,
        video_info_file_path: str,
        actions_file_path: str,
        video_data_manifest_file_path: str,
        clip_sampling: ClipSampling = ClipSampling.Random,
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        seconds_per_clip: float = 2.0,
        clip_time_stride: float = 10.0,
        num_input_clips: int = 1,
        frames_per_clip: int | None = None,
        num_forecast_actions: int = 1,
        transform: BuiltTransform = None,
        multithreaded_io: bool = True,
    ) -> None:
        if clip_sampling is not ClipSampling.Random:
            raise ArgumentError(f"clip_sampling={clip_sampling!r}; forecasting knows ClipSampling.Random")
        _positive("seconds_per_clip", seconds_per_clip)
        _positive("clip_time_stride", clip_time_stride)
        _positive("num_input_clips", num_input_clips)
        _positive("num_forecast_actions", num_forecast_actions)
        self._seconds, self._stride = seconds_per_clip, clip_time_stride
        self._num_clips, self._num_actions = num_input_clips, num_forecast_actions
        length = seconds_per_clip + (num_input_clips - 1) * clip_time_stride

        def clips(videos: dict[str, ManifestVideo], actions: dict[str, list[ActionData]]) -> list[VideoClipInfo]:
            return [
                VideoClipInfo(video_id, action.stop_time - length, action.stop_time)
                for video_id in videos
                for action in actions.get(video_id, [])
                if action.stop_time >= length
                and sum(a.start_time > action.stop_time for a in actions[video_id]) >= num_forecast_actions
            ]

        super().__init__(
            video_info_file_path,
            actions_file_path,
            clips,
            video_data_manifest_file_path,
            dataset_type,
            transform,
            frames_per_clip,
            multithreaded_io,
        )

    def _read(self, video: Any, clip: VideoClipInfo) -> dict[str, Any]:
        starts = [clip.start_time + number * self._stride for number in range(self._num_clips)]
        parts = [self._part(video, start, start + self._seconds)["video"] for start in starts]
        whole = self._part(video, clip.start_time, clip.stop_time) if video.has_audio else {"audio": torch.zeros(0)}
        return {"video": torch.stack(parts), "audio": whole["audio"]}

    def _actions_of(self, clip: VideoClipInfo, actions: list[ActionData]) -> list[ActionData]:
        return [a for a in actions if a.start_time > clip.stop_time][: self._num_actions]


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ArgumentError(f"{name}={value!r} must be greater than 0")
