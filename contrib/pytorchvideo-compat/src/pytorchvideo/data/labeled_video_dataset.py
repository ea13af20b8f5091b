"""``LabeledVideoDataset`` as documented: an iterable dataset."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from torch.utils.data import RandomSampler

import ptv_datasets
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler
from ptv_video.samplers.factory import ClipInfo, ClipInfoList
from pytorchvideo.data.clip_sampling import ClipSampler
from pytorchvideo.data.decoder import DecoderType
from pytorchvideo.data.given_videos import GivenVideos
from pytorchvideo.data.iterable_clips import IterableClips, lenient
from pytorchvideo.data.labeled_video_paths import LabeledVideoPaths
from pytorchvideo.data.utils import MultiProcessSampler
from pytorchvideo.data.video import VideoPathHandler

__all__ = [
    "ClipSampler",
    "LabeledVideoDataset",
    "LabeledVideoPaths",
    "MultiProcessSampler",
    "VideoPathHandler",
    "labeled_video_dataset",
    "logger",
]

logger = logging.getLogger(__name__)


class LabeledVideoDataset(IterableClips):
    """Clips of labelled videos, one after the other; see :class:`ptv_datasets.LabeledVideoDataset`.

    What differs from that class is what is documented for this one:

    - It is iterable and has no length. Each pass has another order and other random clips, unless :meth:`set_epoch` has
      told which epoch it is. With a ``DistributedSampler``, ``video_sampler.set_epoch`` must tell it, as documented.
      The workers of a loader share the videos. A subclass that has its own ``__next__`` is iterated through it.
    - A sample holds ``video``, ``video_name`` (with the suffix), ``video_index``, ``clip_index``, ``aug_index``, ``audio`` if
      it is decoded, and what the video's dict has, as it is there.
    - Frames are float32 in [0, 255]. A transform that has ``ConvertUint8ToFloat`` in it gets uint8.
    - Sound keeps the rate of its file.
    - Broken videos do not end a pass; ``failures`` tells which they were, and so does the log at the end of the pass.

    Args:
        labeled_video_paths: pairs of a path and a dict.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder; not used for folders of frames. By position, ``decode_video`` may stand here
            and the decoder after it, as on the original's main branch.
        decode_video: whether samples carry pictures.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read; ``None`` for
            ``"substitute"`` with random clips, and ``"skip"`` with others.
        durations: seconds by path, see :class:`ptv_datasets.LabeledVideoDataset`.
        frame_rate: frames per second of folders of frames.
    """

    def __init__(
        self,
        labeled_video_paths: Iterable[Any],
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        decode_audio: bool = True,
        decoder: Decoder = "pyav",
        decode_video: Any = True,
        *,
        seed: int = 0,
        on_error: OnError | None = None,
        durations: Any = None,
        frame_rate: float | Fraction = 30,
    ) -> None:
        if isinstance(decoder, bool):
            decoder, decode_video = decode_video if isinstance(decode_video, str) else "pyav", decoder
        self._decoder = decoder.value if isinstance(decoder, DecoderType) else decoder
        self._decode_audio, self._decode_video = decode_audio, bool(decode_video)
        self._transform, self._clip_sampler = transform, clip_sampler
        self._labeled_videos: Any = GivenVideos(labeled_video_paths).given
        self._settings = {"seed": seed, "durations": durations, "frame_rate": frame_rate}
        self._asked_on_error = on_error
        self._sampler_class = video_sampler
        self._construct(lambda _: video_sampler(self._labeled_videos))

    def _construct(self, video_sampler: Any) -> None:
        ptv_datasets.LabeledVideoDataset.__init__(
            self,
            GivenVideos(self._labeled_videos),
            self._clip_sampler,
            video_sampler,
            self._transform,
            self._decode_audio,
            self._decoder,
            decode_video=self._decode_video,
            on_error=self._asked_on_error or lenient(self._clip_sampler),
            audio_rate=None,
            **self._settings,
        )
        self._seen_state = self._given_state()
        self.iterate_as_documented()

    def _reconstruct(self) -> None:
        told = self._epoch.get()
        sampler, videos = self._video_sampler, self._labeled_videos
        is_of_others = getattr(sampler, "data_source", getattr(sampler, "dataset", videos)) is not videos
        self._is_complete = self._is_stale = False
        self._construct(lambda _: self._sampler_class(videos) if is_of_others else sampler)
        self.set_epoch(told)

    def _labels(self, index: int, info: ClipInfo | ClipInfoList) -> dict[str, Any]:
        return self.videos.known(index) if isinstance(self.videos, GivenVideos) else super()._labels(index, info)


def labeled_video_dataset(
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
    on_error: OnError | None = None,
) -> LabeledVideoDataset:
    """Clips of the videos that a label file lists, or that lie in folders named after their classes.

    Args:
        data_path: a file with a path and a label per row, or a folder that holds one folder per class.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the paths of a label file.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder.
        decode_video: whether samples carry pictures.
        seed: see :class:`LabeledVideoDataset`.
        on_error: see :class:`LabeledVideoDataset`.

    Raises:
        LabelFileError: the label file cannot be understood; the message names row and column.
    """
    paths = LabeledVideoPaths.from_path(data_path)
    paths.path_prefix = video_path_prefix
    return LabeledVideoDataset(
        paths,
        clip_sampler,
        video_sampler,
        transform,
        decode_audio,
        decoder,
        decode_video=decode_video,
        seed=seed,
        on_error=on_error,
        durations=paths.durations,
    )
