"""Datasets whose annotations are one JSON object, with a key per video."""

from __future__ import annotations

import os
from typing import Any

from torch.utils.data import RandomSampler

from ptv_datasets.annotations.label_files import read_json
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.labeled_video import LabeledVideoDataset, OnError
from ptv_datasets.reading.untrimmed import UntrimmedClipSampler
from ptv_datasets.slots import BuiltSampler, BuiltTransform, OptionalDecoder, VideoSampler

_START, _END = "critical_frame_selection_parent_start_sec", "critical_frame_selection_parent_end_sec"


def video_only_dataset(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: OptionalDecoder = "pyav",
    *,
    seed: int = 0,
    on_error: OnError = "raise",
) -> LabeledVideoDataset:
    """Clips of the videos that are the keys of a JSON object, without labels.

    Args:
        data_path: the JSON file.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the keys.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder; ``None`` for the one that each video asks for.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.

    Raises:
        LabelFileError: the file is not a JSON object.
    """
    videos = [(os.path.join(video_path_prefix, name), None) for name in _annotations(data_path)]
    return LabeledVideoDataset(
        videos, clip_sampler, video_sampler, transform, decode_audio, decoder, seed=seed, on_error=on_error
    )


def clip_recognition_dataset(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: OptionalDecoder = "pyav",
    *,
    seed: int = 0,
    on_error: OnError = "raise",
) -> LabeledVideoDataset:
    """Clips within the annotated parts of videos, with the nouns and verbs of Ego4D's hands-and-objects benchmark.

    A sample has ``noun_label`` and ``verb_label``, numbered in alphabetical order, ``noun_name`` and ``verb_name``, and
    ``clip_start_sec`` and ``clip_end_sec`` of its part. Parts whose noun or verb is missing or unsure are left out.

    Args:
        data_path: JSON file, an object with an object per video, in which
            ``benchmarks.forecasting_hands_objects`` lists the parts.
        clip_sampler: which clips of a part are taken.
        video_sampler: class of a torch sampler that gives the order of the parts.
        transform: called with each sample.
        video_path_prefix: joined to the front of the videos' names.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder; ``None`` for the one that each video asks for.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read.

    Raises:
        LabelFileError: the file cannot be understood; the message names the video and what it lacks.
    """
    parts: list[tuple[str, dict[str, Any]]] = []
    for name, video in _annotations(data_path).items():
        try:
            for part in video["benchmarks"]["forecasting_hands_objects"]:
                words = part["taxonomy"]
                if None in (words["noun"], words["verb"]) or words["noun_unsure"] or words["verb_unsure"]:
                    continue
                info = {
                    "clip_start_sec": part[_START],
                    "clip_end_sec": part[_END],
                    "noun_name": words["noun"],
                    "verb_name": words["verb"],
                }
                parts.append((os.path.join(video_path_prefix, name), info))
        except (KeyError, TypeError) as error:
            raise LabelFileError(f"{data_path}: video {name!r} lacks {error}", path=str(data_path)) from error
    for word in "noun", "verb":
        number = {name: index for index, name in enumerate(sorted({info[f"{word}_name"] for _, info in parts}))}
        for _, info in parts:
            info[f"{word}_label"] = number[info[f"{word}_name"]]
    if not parts:
        raise LabelFileError(f"{data_path} lists no part with a sure noun and verb", path=str(data_path))
    return LabeledVideoDataset(
        parts,
        UntrimmedClipSampler(clip_sampler),
        video_sampler,
        transform,
        decode_audio,
        decoder,
        seed=seed,
        on_error=on_error,
    )


def _annotations(data_path: str) -> dict[str, Any]:
    found = read_json(data_path)
    if not isinstance(found, dict) or not found:
        raise LabelFileError(f"{data_path} is not a JSON object with a key per video", path=str(data_path))
    return found
