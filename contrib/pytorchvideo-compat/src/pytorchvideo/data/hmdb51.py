"""``Hmdb51``."""

from __future__ import annotations

import logging
import os

from torch.utils.data import RandomSampler

from ptv_datasets import Hmdb51LabeledVideoPaths
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset

__all__ = ["ClipSampler", "Hmdb51", "Hmdb51LabeledVideoPaths", "logger"]

logger = logging.getLogger(__name__)


def Hmdb51(
    data_path: str | os.PathLike[str],
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    split_id: int = 1,
    split_type: str = "train",
    decode_audio: bool = True,
    decoder: Decoder = "pyav",
    *,
    seed: int = 0,
    on_error: OnError | None = None,
) -> LabeledVideoDataset:
    """Clips of one fold of HMDB51; the label of a sample is the number of its class, ``label_name`` the name.

    Args:
        data_path: folder of the split files, such as brush_hair_test_split1.txt.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: folder that holds the classes' folders.
        split_id: number of the fold: 1, 2 or 3.
        split_type: ``"train"``, ``"test"`` or ``"unused"``.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder.
        seed: see :class:`LabeledVideoDataset`.
        on_error: see :class:`LabeledVideoDataset`.
    """
    return LabeledVideoDataset(
        Hmdb51LabeledVideoPaths.from_dir(data_path, split_id, split_type, os.fspath(video_path_prefix)),
        clip_sampler,
        video_sampler,
        transform,
        decode_audio,
        decoder,
        seed=seed,
        on_error=on_error,
    )
