"""``Ucf101``: the UCF101 human-action videos."""

from __future__ import annotations

from typing import Any

from torch.utils.data import RandomSampler

from ptv_datasets.annotations.labeled_video_paths import ClassNames
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.labeled_video_folder import labeled_video_dataset
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler


def Ucf101(
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
    """Clips of the UCF101 human-action videos (https://www.crcv.ucf.edu/data/UCF101.php).

    Args:
        data_path: a file with a path and a label per row, or a folder that holds one folder per class.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the paths of a label file.
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
