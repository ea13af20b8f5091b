"""Datasets whose annotations are one JSON object, with a key per video."""

from __future__ import annotations

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets import UntrimmedClipSampler
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset

__all__ = ["clip_recognition_dataset", "video_only_dataset"]


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
    return LabeledVideoDataset(listed.videos, clip_sampler, video_sampler, transform, decode_audio, decoder)


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
    parts = UntrimmedClipSampler(clip_sampler)
    return LabeledVideoDataset(listed.videos, parts, video_sampler, transform, decode_audio, decoder)
