"""``LabeledVideoDataset`` as documented: an iterable dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from torch.utils.data import IterableDataset, RandomSampler, get_worker_info

import ptv_datasets
from ptv_datasets.labeled_video import OnError
from ptv_datasets.slots import BuiltSampler, BuiltTransform, Decoder, VideoSampler
from pytorchvideo.data.clip_sampling import RandomClipSampler
from pytorchvideo.data.documented_samples import documented_sample, wants_uint8
from pytorchvideo.data.iteration import ClipIterator
from pytorchvideo.data.labeled_video_paths import LabeledVideoPaths

__all__ = ["LabeledVideoDataset", "labeled_video_dataset"]

_NOT_TOLD = -1


class LabeledVideoDataset(ptv_datasets.LabeledVideoDataset, IterableDataset[Any]):
    """Clips of labelled videos, one after the other; see :class:`ptv_datasets.LabeledVideoDataset` for the samples.

    What differs from that class is what is documented for this one:

    - It is iterable and has no length. Each pass has another order and other random clips, unless :meth:`set_epoch` has
      told which epoch it is. With a ``DistributedSampler``, ``video_sampler.set_epoch`` must tell it, as documented.
      The workers of a loader share the videos.
    - Frames are float32 in [0, 255]. A transform that has ``ConvertUint8ToFloat`` in it gets uint8.
    - Sound keeps the rate of its file.
    - Broken videos do not end a pass; ``failures`` tells which they were, and so does the log at the end of the pass.

    Args:
        labeled_video_paths: pairs of a path and a dict with ``"label"``.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder; not used for folders of frames.
        decode_video: whether samples carry pictures.
        seed: decides what is random, together with the epoch.
        on_error: ``"raise"``, ``"skip"`` or ``"substitute"``, for videos that cannot be read; ``None`` for
            ``"substitute"`` with random clips, and ``"skip"`` with others.
        durations: seconds by path, see :class:`ptv_datasets.LabeledVideoDataset`.
        frame_rate: frames per second of folders of frames.
    """

    _pass = 0
    _passes_begun = 0
    _own_pass: Iterator[Any] | None = None

    def __init__(
        self,
        labeled_video_paths: Iterable[Any],
        clip_sampler: BuiltSampler,
        video_sampler: VideoSampler = RandomSampler,
        transform: BuiltTransform = None,
        decode_audio: bool = True,
        decoder: Decoder = "pyav",
        *,
        decode_video: bool = True,
        seed: int = 0,
        on_error: OnError | None = None,
        durations: Any = None,
        frame_rate: float | Fraction = 30,
    ) -> None:
        ptv_datasets.LabeledVideoDataset.__init__(
            self,
            labeled_video_paths,
            clip_sampler,
            video_sampler,
            transform,
            decode_audio,
            decoder,
            decode_video=decode_video,
            seed=seed,
            on_error=on_error or lenient(clip_sampler),
            durations=durations,
            audio_rate=None,
            frame_rate=frame_rate,
        )
        self.iterate_as_documented()

    def iterate_as_documented(self) -> None:
        """Completes the construction, also of classes that construct themselves otherwise."""
        self._wants_uint8 = wants_uint8(self._transform)
        self.set_epoch(_NOT_TOLD)

    @property
    def epoch(self) -> int:
        """Number of the epoch: the one told, or else that of the pass."""
        told = super().epoch
        if told != _NOT_TOLD:
            return told
        return 0 if hasattr(self.video_sampler.sampler, "set_epoch") else self._pass

    def __iter__(self) -> Iterator[Any]:
        """A pass over the clips; in a loader over those of this worker."""
        return ClipIterator(self)

    def __next__(self) -> Any:
        """The next clip of a pass that this dataset keeps itself."""
        if self._own_pass is None:
            self._own_pass = iter(self)
        try:
            return next(self._own_pass)
        except StopIteration:
            self._own_pass = None
            raise

    def begin_pass(self) -> Iterator[Any]:
        """The samples of another pass that are the share of this process."""
        worker = get_worker_info()
        # The loader draws a number for its workers, which live for one pass or for all of them.
        self._pass = self._passes_begun + (0 if worker is None else worker.seed - worker.id)
        self._passes_begun += 1
        return self.samples_by_video(slice(None) if worker is None else slice(worker.id, None, worker.num_workers))

    def __len__(self) -> int:
        raise TypeError(f"{type(self).__name__} is iterable and has no length; num_videos is the number of its videos")

    def __bool__(self) -> bool:
        return True

    def _transformed(self, sample: dict[str, Any], epoch: int, video: int, position: int) -> Any:
        return super()._transformed(documented_sample(sample, self._wants_uint8), epoch, video, position)


def lenient(clip_sampler: Any) -> OnError:
    """The policy by which broken videos do not end a pass.

    A random clip is replaced by one of another video. In a test, where the clips have fixed places, that would count a
    video twice, so there they are left out.
    """
    return "substitute" if isinstance(clip_sampler, RandomClipSampler) else "skip"


def labeled_video_dataset(
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
    """Clips of the videos that a label file lists, or that lie in folders named after their classes.

    Args:
        data_path: a file with a path and a label per row, or a folder that holds one folder per class.
        clip_sampler: which clips of a video are taken.
        video_sampler: class of a torch sampler that gives the order of the videos.
        transform: called with each sample.
        video_path_prefix: joined to the front of the paths of a label file.
        decode_audio: whether samples carry sound.
        decoder: name or factory of a decoder.
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
        seed=seed,
        on_error=on_error,
        durations=paths.durations,
    )
