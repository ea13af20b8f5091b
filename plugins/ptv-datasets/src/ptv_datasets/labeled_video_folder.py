"""``labeled_video_dataset``: a :class:`LabeledVideoDataset` from a label file or a folder."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from torch.utils.data import RandomSampler

from ptv_datasets.annotations.labeled_video_paths import ClassNames, LabeledVideoPaths
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.reading.failures import Failure
from ptv_datasets.slots import BuiltSampler, BuiltTransform, OptionalDecoder, VideoSampler


def labeled_video_dataset(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: OptionalDecoder = "pyav",
    *,
    decode_video: bool = True,
    seed: int = 0,
    on_error: OnError = "raise",
    durations: Any = None,
    class_names: ClassNames = None,
    audio_rate: int | None = 16000,
    frame_rate: float | Fraction = 30,
    pushdown: bool = True,
) -> LabeledVideoDataset:
    """Clips of the videos that a label file lists, or that lie in folders named after their classes.

    Args:
        data_path: a file with a path and a label per row (CSV, JSON, JSON lines, a manifest of ``ptv scan``, also
            compressed by gzip), an annotation file of Kinetics, or a folder that holds one folder per class.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the paths of a label file; the folder below which the videos of an
            annotation file of Kinetics are looked for.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder; ``None`` for the one that each video asks for.
        decode_video: whether samples carry pictures.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.
        durations: seconds by path; see :class:`LabeledVideoDataset`. A column ``duration`` of the label file serves too.
        class_names: names of the classes in the order of their numbers, or a file with one per line.
        audio_rate: samples a second of the sound.
        frame_rate: frames per second of folders of frames.
        pushdown: ask the transform which frames it keeps and read no others.

    Raises:
        LabelFileError: the label file cannot be understood; the message names row and column.
    """
    paths = LabeledVideoPaths.from_path(data_path, class_names, video_path_prefix)
    dataset = LabeledVideoDataset(
        paths,
        clip_sampler,
        video_sampler,
        transform,
        decode_audio,
        decoder,
        decode_video=decode_video,
        seed=seed,
        on_error=on_error,
        durations=durations if durations is not None else paths.exact_durations,
        audio_rate=audio_rate,
        frame_rate=frame_rate,
        pushdown=pushdown,
    )
    for path, error in paths.broken:
        dataset.failures.record(Failure(path, "ptv scan", error))
    return dataset
