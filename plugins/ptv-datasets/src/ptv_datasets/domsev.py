"""``DomsevFrameDataset`` and ``DomsevVideoDataset``: egocentric video with a label per stretch."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch
from torch.utils.data import Dataset

from ptv_datasets.annotations.manifest_videos import ManifestVideo, load_videos
from ptv_datasets.annotations.manifests import (
    LabelData,
    VideoClipInfo,
    VideoDatasetType,
    VideoFrameInfo,
    by_video,
    read_records,
)
from ptv_datasets.slots import BuiltTransform
from ptv_video.decoders.images import read_image

NO_LABEL = -1


class DomsevFrameDataset(Dataset[Any]):
    """The frames of DoMSEV (https://www.verlab.dcc.ufmg.br/semantic-hyperlapse/cvpr2018-dataset/), in mixed order.

    A sample has ``frame_id`` (video and name of the image), ``image``, uint8 (C, H, W), and ``label``, -1 without one.

    Args:
        video_data_manifest_file_path: CSV with the columns of :class:`VideoFrameInfo`, or a folder of folders of images.
        video_info_file_path: CSV with the columns of :class:`VideoInfo`.
        labels_file_path: CSV with the columns of :class:`LabelData`.
        transform: called with each sample.
        multithreaded_io: kept for compatibility; one image is read at a time.
        seed: decides the order, which is the same in every process.

    Raises:
        LabelFileError: a manifest cannot be understood; the message names row and column.
    """

    def __init__(
        self,
        video_data_manifest_file_path: str,
        video_info_file_path: str,
        labels_file_path: str,
        transform: BuiltTransform = None,
        multithreaded_io: bool = False,
        *,
        seed: int = 0,
    ) -> None:
        labels = by_video(read_records(labels_file_path, LabelData))
        videos = load_videos(video_data_manifest_file_path, video_info_file_path, VideoDatasetType.Frame)
        self._frames: list[tuple[str, str, int]] = []
        for video_id, video in videos.items():
            if isinstance(video.source, VideoFrameInfo):
                for number, path in enumerate(video.source.paths, video.source.min_frame_number):
                    self._frames.append((video_id, path, _label_of_frame(labels.get(video_id, []), number)))
        random.Random(seed).shuffle(self._frames)
        self._transform = transform

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Any:
        """Frame ``index`` of the order."""
        video_id, path, label = self._frames[index]
        name = os.path.splitext(os.path.basename(path))[0]
        sample = {"frame_id": f"{video_id}/{name}", "image": read_image(path), "label": label}
        return sample if self._transform is None else self._transform(sample)


def _label_of_frame(labels: list[LabelData], number: int) -> int:
    return next((label.label_id for label in labels if label.start_frame <= number <= label.stop_frame), NO_LABEL)


class DomsevVideoDataset(Dataset[Any]):
    """Clips of DoMSEV, with a label per frame.

    A sample has ``video_id``, ``video``, uint8 (C, T, H, W), ``audio`` (empty where there is none), ``labels``, int64, and
    ``start_time`` and ``stop_time`` in seconds.

    Args:
        video_data_manifest_file_path: CSV with the columns of :class:`VideoFrameInfo` or :class:`EncodedVideoInfo`, or a folder
            of the videos or of folders of images, named after their ids.
        video_info_file_path: CSV with the columns of :class:`VideoInfo`.
        labels_file_path: CSV with the columns of :class:`LabelData`.
        clip_sampler: called with the videos and the labels, both by video_id; gives the clips.
        dataset_type: how the videos are stored.
        frames_per_second: rate at which ``labels`` are given: one for each frame that begins in the clip, -1 without one.
        transform: called with each sample.
        frame_filter: given the indices of the frames of a clip, those to keep; applied to labels too where there are as
            many as frames.
        multithreaded_io: read images in several threads.

    Raises:
        LabelFileError: a manifest cannot be understood; the message names row and column.
    """

    _video_kind: type[ManifestVideo] = ManifestVideo

    def __init__(
        self,
        video_data_manifest_file_path: str,
        video_info_file_path: str,
        labels_file_path: str,
        clip_sampler: Callable[[dict[str, ManifestVideo], dict[str, list[LabelData]]], list[VideoClipInfo]],
        dataset_type: VideoDatasetType = VideoDatasetType.Frame,
        frames_per_second: int = 1,
        transform: BuiltTransform = None,
        frame_filter: Callable[[list[int]], list[int]] | None = None,
        multithreaded_io: bool = False,
    ) -> None:
        self._videos = load_videos(
            video_data_manifest_file_path,
            video_info_file_path,
            dataset_type,
            multithreaded_io,
            kind=self._video_kind,
        )
        self._labels = by_video(read_records(labels_file_path, LabelData))
        self._clips = clip_sampler(self._videos, self._labels)
        self._frames_per_second = frames_per_second
        self._transform = transform
        self._frame_filter = frame_filter

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, index: int) -> Any:
        """Clip ``index`` of those that the sampler gave."""
        clip = self._clips[index]
        counted: list[int] = []
        with self._videos[clip.video_id].open() as video:
            found = video.get_clip(clip.start_time, clip.stop_time, select=lambda number: self._kept(number, counted))
        labels = self._labels_of(clip)
        if self._frame_filter is not None and counted == [len(labels)]:
            labels = [labels[number] for number in self._frame_filter(list(range(len(labels))))]
        sample = {
            "video_id": clip.video_id,
            "video": found["video"],
            "audio": torch.zeros(0) if found["audio"] is None else found["audio"],
            "labels": torch.tensor(labels, dtype=torch.int64),
            "start_time": clip.start_time,
            "stop_time": clip.stop_time,
        }
        return sample if self._transform is None else self._transform(sample)

    def _kept(self, number: int, counted: list[int]) -> list[int]:
        counted[:] = [number]
        frames = list(range(number))
        return frames if self._frame_filter is None else list(self._frame_filter(frames))

    def _labels_of(self, clip: VideoClipInfo) -> list[int]:
        rate = Fraction(self._frames_per_second)
        first, end = (math.floor(Fraction(str(time)) * rate) for time in (clip.start_time, clip.stop_time))
        spans = self._labels.get(clip.video_id, [])
        return [
            next((span.label_id for span in spans if span.start_time <= frame / rate < span.stop_time), NO_LABEL)
            for frame in range(first, end)
        ]
