"""Datasets whose annotations are one JSON object, with a key per video."""

from __future__ import annotations

import logging
from typing import Any

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets import UntrimmedClipSampler
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler
from pytorchvideo.data.clip_sampling import ClipInfo, ClipSampler
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset

__all__ = [
    "ClipInfo",
    "ClipSampler",
    "LabeledVideoDataset",
    "UntrimmedClipSampler",
    "clip_recognition_dataset",
    "logger",
    "video_only_dataset",
]

logger = logging.getLogger(__name__)


def video_only_dataset(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: Decoder = "pyav",
) -> LabeledVideoDataset:
    """Clips of the videos that are the keys of a JSON object; see :func:`ptv_datasets.video_only_dataset`."""
    listed = ptv_datasets.video_only_dataset(data_path, clip_sampler, video_path_prefix=video_path_prefix)
    videos: list[tuple[Any, dict[str, Any]]] = [(video.source, {}) for video in listed.videos]
    return LabeledVideoDataset(videos, clip_sampler, video_sampler, transform, decode_audio, decoder)


def clip_recognition_dataset(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: Decoder = "pyav",
) -> LabeledVideoDataset:
    """Clips within annotated parts of videos; see :func:`ptv_datasets.clip_recognition_dataset`."""
    listed = ptv_datasets.clip_recognition_dataset(data_path, clip_sampler, video_path_prefix=video_path_prefix)
    videos = [(video.source, _without(video.info, "label", "label_name")) for video in listed.videos]
    parts = UntrimmedClipSampler(clip_sampler)
    return LabeledVideoDataset(videos, parts, video_sampler, transform, decode_audio, decoder)


def _without(info: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in info.items() if key not in keys}
