"""``Kinetics``: the Kinetics human-action videos."""

from __future__ import annotations

from typing import Any

from torch.utils.data import RandomSampler

from ptv_datasets.annotations.labeled_video_paths import ClassNames
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.labeled_video_folder import labeled_video_dataset
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler


def Kinetics(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: Decoder = "pyav",
    *,
    decode_video: bool = True,
    seed: int = 0,
    on_error: OnError = "raise",
    durations: Any = None,
    class_names: ClassNames = None,
    audio_rate: int | None = 16000,
    pushdown: bool = True,
) -> LabeledVideoDataset:
    """Clips of the Kinetics human-action videos (https://arxiv.org/abs/1705.06950).

    Args:
        data_path: an annotation file of any edition as it is published (CSV with youtube_id, time_start and time_end, or
            JSON), a file with a path and a label per row, or a folder that holds one folder per class. The videos of an
            annotation file are called ``id_%06d_%06d.mp4``; those that are not there are left out with a warning.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the paths of a label file; for an annotation file, the folder that holds
            the videos at any depth, by default that of the file (that around it if it is called annotations).
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder.
        decode_video: whether samples carry pictures.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        durations: seconds by path; see :class:`LabeledVideoDataset`.
        class_names: names of the classes in the order of their numbers, or a file with one per line.
        audio_rate: samples a second of the sound.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: the label file cannot be understood; the message names row and column.
    """
    return labeled_video_dataset(
        data_path,
        clip_sampler,
        video_sampler,
        transform,
        video_path_prefix,
        decode_audio,
        decoder,
        decode_video=decode_video,
        seed=seed,
        on_error=on_error,
        durations=durations,
        class_names=class_names,
        audio_rate=audio_rate,
        pushdown=pushdown,
    )
