"""The order of videos and the number of the epoch, the same in every process."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils.data import Sampler


class SharedEpoch:
    """The number of the epoch, in memory that worker processes share, so that it reaches persistent workers too."""

    def __init__(self, value: int = 0) -> None:
        self._value = torch.tensor([value], dtype=torch.int64).share_memory_()

    def get(self) -> int:
        """The number of the epoch."""
        return int(self._value.item())

    def set(self, epoch: int) -> None:
        """Change it for all processes."""
        self._value[0] = epoch

    def __deepcopy__(self, memo: dict[int, Any]) -> SharedEpoch:
        return SharedEpoch(self.get())


@contextmanager
def seeded(*key: object) -> Iterator[None]:
    """Within the block all global generators (torch on the CPU, random, numpy) depend on the key alone."""
    number = random.Random("/".join(map(str, key))).getrandbits(63)
    torch_state, random_state, numpy_state = torch.get_rng_state(), random.getstate(), np.random.get_state()
    torch.default_generator.manual_seed(number)
    random.seed(number)
    np.random.seed(number % 2**32)
    try:
        yield
    finally:
        torch.set_rng_state(torch_state)
        random.setstate(random_state)
        np.random.set_state(numpy_state)


class VideoOrder(Sampler[int]):
    """The order in which a ``video_sampler`` gives the videos, for any epoch, the same in every process.

    Args:
        video_sampler: class or factory of a torch sampler, called with the videos.
        videos: what the sampler is called with.
        seed: decides a random order, together with the epoch.
        epoch: number of the epoch.
    """

    def __init__(self, video_sampler: Callable[..., Any], videos: Sized, seed: int, epoch: SharedEpoch) -> None:
        with seeded(seed, "video_sampler"):
            self.sampler = video_sampler(videos)
        self._seed = seed
        self._epoch = epoch
        self._cached: tuple[int, np.ndarray[Any, Any]] | None = None

    def indices(self, epoch: int) -> np.ndarray[Any, Any]:
        """The videos of an epoch, in order."""
        if self._cached is None or self._cached[0] != epoch:
            if self.tells_epochs:
                type(self.sampler).set_epoch(self.sampler, epoch)
            with seeded(self._seed, epoch, "video order"):
                self._cached = epoch, np.fromiter(map(int, self.sampler), np.int64)
        return self._cached[1]

    @property
    def tells_epochs(self) -> bool:
        """Whether the sampler itself has to be told the epoch, as torch's ``DistributedSampler``."""
        return hasattr(type(self.sampler), "set_epoch")

    def replace(self, sampler: Any) -> None:
        """Take another sampler for the videos."""
        self.sampler, self._cached = sampler, None

    def set_epoch(self, epoch: int) -> None:
        """Reshuffle, in all processes."""
        self._epoch.set(epoch)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_cached": None}  # found again sooner than it is sent to a worker

    def __iter__(self) -> Iterator[int]:
        return iter(self.indices(self._epoch.get()).tolist())

    def __len__(self) -> int:
        return len(self.sampler)
