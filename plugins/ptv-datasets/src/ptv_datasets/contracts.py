"""The contracts of datasets and of the order of their videos; see :mod:`ptv_registry.contracts`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from ptv_registry.contracts import Check, Contract, Made, Sample, Scaffold, Trial

_KEYS: Final = ("video", "label")


class ClipDataset(Protocol):
    """Labelled clips; a :class:`torch.utils.data.Dataset`."""

    def __len__(self) -> int:
        """Number of clips of an epoch."""

    def __getitem__(self, index: int) -> dict[str, Any]:
        """A sample: ``video`` uint8 (C, T, H, W), ``label`` int, and what else is known, after the transform."""


class DatasetMaker(Protocol):
    """Makes a dataset."""

    def __call__(self) -> ClipDataset:
        """A dataset."""


class VideoSampler(Protocol):
    """The order of videos; a :class:`torch.utils.data.Sampler`."""

    def __iter__(self) -> Iterator[int]:
        """Indices of videos, in order."""

    def __len__(self) -> int:
        """How many there are."""


class VideoSamplerMaker(Protocol):
    """Makes the order of videos."""

    def __call__(self, videos: Sequence[Any]) -> VideoSampler:
        """The order of these videos; what is random is drawn from torch's generator."""


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ptv-contract-")


@cache
def _videos() -> str:
    """A folder of two classes with one encoded video of a second each."""
    import torch

    from ptv_video import write_video

    for name, grey in (("dark", 40), ("bright", 200)):
        folder = Path(_folder().name) / name
        folder.mkdir()
        write_video(folder / "0.mp4", torch.full((3, 10, 32, 32), grey, dtype=torch.uint8), 10, threads=1)
    return _folder().name


def _epoch(dataset: Any) -> dict[str, Any]:
    """What a loader does: the length, every sample, the first one again."""
    count = len(dataset)
    samples = [dataset[index] for index in range(count)]
    return {"count": count, "samples": samples, "again": dataset[0] if count else None}


def _holds(trial: Trial) -> str | None:
    import torch

    if not trial.output["count"]:
        return "it has no clips for a folder of two classes with a video each; find the videos when it is made, or raise what is wrong"
    for index, sample in enumerate(trial.output["samples"]):
        if not isinstance(sample, dict):
            return f"sample {index} is a {type(sample).__name__}; a sample is a dict with video and label"
        lacking = [key for key in _KEYS if key not in sample]
        if lacking:
            return f"sample {index} has no {' and no '.join(lacking)}; a sample is a dict with video and label, and {sorted(sample)} are there"
        video = sample["video"]
        if not isinstance(video, torch.Tensor) or video.dtype != torch.uint8 or video.ndim != 4:
            what = f"{video.dtype} {tuple(video.shape)}" if isinstance(video, torch.Tensor) else type(video).__name__
            return f"the video of sample {index} is {what}; give uint8 (C, T, H, W), and let the transform make floats of it"
    return None


def _labels(trial: Trial) -> str | None:
    for index, sample in enumerate(trial.output["samples"]):
        label = sample["label"]
        if isinstance(label, bool) or not isinstance(label, int):
            return (
                f"the label of sample {index} is {label!r}; give the number of its class, and the names of the classes in order as the "
                "attribute class_names"
            )
    return None


def _repeats(trial: Trial) -> str | None:
    import torch

    first, again = trial.output["samples"][0], trial.output["again"]
    if not torch.equal(first["video"], again["video"]):
        return (
            "dataset[0] is another clip each time that it is read; let a clip follow from seed, epoch (set_epoch) and index, so that the number "
            "of workers changes nothing"
        )
    return None


DATASET: Final = Contract(
    kind="dataset",
    words=(
        "Made by the spec. `ptv train`, `eval` and `bench` fill in what the spec leaves out, as far as the dataset takes it: `clip_sampler`, `transform`, "
        "`decode_audio`, `class_names`, `on_error`, `seed`, `video_path_prefix`, `video_sampler`, `decoder`, `durations`. Has a length and indexed samples, each a "
        "dict of `video` (uint8 (C, T, H, W)), `label` (the number of the class) and what else is known (`video_name`, `video_index`, `clip_index`, `aug_index`); "
        "`transform` is called with that dict and returns the sample. Names of the classes are the attribute `class_names`; "
        "`set_epoch(epoch)`, if there is one, is called before each epoch. A sample follows from seed, epoch and index alone, in every process."
    ),
    protocol=DatasetMaker,
    product=ClipDataset,
    samples=(
        Sample(
            "a loader",
            usual={"data_path": Made(_videos), "clip_sampler": "uniform(clip_duration=0.5)", "decode_audio": False},
            use=_epoch,
        ),
    ),
    checks=(
        Check("holds_samples_of_video_and_label", _holds),
        Check("numbers_its_classes", _labels),
        Check("reads_the_same_clip_again", _repeats),
    ),
    open=True,
    scaffold=Scaffold("ptv_datasets.scaffolds.dataset", "MineDataset", testing=("ptv-train", "ptv-x3d")),
)

_VIDEOS: Final = ("a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4")


def _order(sampler: Any) -> dict[str, Any]:
    """What a dataset does with it in an epoch."""
    set_epoch = getattr(sampler, "set_epoch", None)
    if set_epoch is not None:
        set_epoch(0)
    return {"count": len(sampler), "indices": list(sampler)}


def _indices(trial: Trial) -> str | None:
    found = trial.output["indices"]
    strange = [
        index
        for index in found
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(_VIDEOS)
    ]
    if strange:
        return f"it gives {strange[0]!r} for {len(_VIDEOS)} videos; give indices from 0 to {len(_VIDEOS) - 1}"
    if len(found) != trial.output["count"]:
        return f"its length is {trial.output['count']}, and it gives {len(found)} videos; both have to be the same in every epoch"
    return None


VIDEO_SAMPLER: Final = Contract(
    kind="video_sampler",
    words=(
        "Called with the videos of a dataset by position, once. Makes an iterable of indices with a length, as `torch.utils.data.Sampler`; "
        "iterated once an epoch in every process, under a seed of torch's generator that follows from seed and epoch. `set_epoch(epoch)`, if "
        "there is one, is called before. One that gives each rank a share of its own finds out its rank itself, as `DistributedSampler` does."
    ),
    protocol=VideoSamplerMaker,
    product=VideoSampler,
    samples=(Sample("a dataset", positional=(_VIDEOS,), usual={"num_replicas": 2, "rank": 0}, use=_order),),
    checks=(Check("gives_indices_of_videos", _indices),),
    scaffold=Scaffold("ptv_datasets.scaffolds.video_sampler", "MineVideoSampler", testing=("ptv-datasets",)),
)
