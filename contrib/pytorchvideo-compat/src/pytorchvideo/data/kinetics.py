"""``Kinetics``."""

from __future__ import annotations

from torch.utils.data import RandomSampler

from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.labeled_video_dataset import LabeledVideoDataset, labeled_video_dataset

__all__ = ["ClipSampler", "Kinetics"]


def Kinetics(
    data_path: str,
    clip_sampler: BuiltSampler,
    video_sampler: VideoSampler = RandomSampler,
    transform: BuiltTransform = None,
    video_path_prefix: str = "",
    decode_audio: bool = True,
    decoder: Decoder = "pyav",
    *,
    seed: int = 0,
    on_error: OnError | None = None,
) -> LabeledVideoDataset:
    """Clips of Kinetics; the arguments are those of :func:`pytorchvideo.data.labeled_video_dataset`."""
    return labeled_video_dataset(
        data_path,
        clip_sampler,
        video_sampler,
        transform,
        video_path_prefix,
        decode_audio,
        decoder,
        seed=seed,
        on_error=on_error,
    )
