"""The iterable view of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from torch.utils.data import IterableDataset, get_worker_info

if TYPE_CHECKING:
    from ptv_datasets.labeled_video import LabeledVideoDataset


class ClipStream(IterableDataset[Any]):
    """The samples of a dataset one after the other; in a loader each worker reads its share of the videos.

    Args:
        dataset: the dataset. Its epoch counts, see :meth:`set_epoch`.
    """

    def __init__(self, dataset: LabeledVideoDataset) -> None:
        self.dataset = dataset

    @property
    def video_sampler(self) -> Any:
        """The order of the videos."""
        return self.dataset.video_sampler

    @property
    def num_videos(self) -> int:
        """Number of videos of this process."""
        return self.dataset.num_videos

    def set_epoch(self, epoch: int) -> None:
        """Reshuffle, in all processes."""
        self.dataset.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[Any]:
        """The samples of this worker; each call starts from the beginning."""
        worker = get_worker_info()
        share = slice(None) if worker is None else slice(worker.id, None, worker.num_workers)
        return self.dataset.samples_by_video(share)
