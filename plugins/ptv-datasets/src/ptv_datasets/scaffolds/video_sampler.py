"""The order of videos."""

from collections.abc import Iterator, Sized

import torch
from torch.utils.data import Sampler


class MineVideoSampler(Sampler[int]):
    """Shuffles runs of neighbours and leaves each run in order, for files that lie one after the other on a disk.

    Args:
        videos: what is put in order.
        run: videos of a run.
    """

    def __init__(self, videos: Sized, run: int = 2) -> None:
        if run < 1:
            raise ValueError(f"run={run!r} must be at least 1")
        self.count, self.run = len(videos), run

    def __iter__(self) -> Iterator[int]:
        """Indices, of which each comes once."""
        starts = range(0, self.count, self.run)
        for place in torch.randperm(len(starts)).tolist():
            yield from range(starts[place], min(starts[place] + self.run, self.count))

    def __len__(self) -> int:
        """How many there are."""
        return self.count
