"""Where the time of a training goes: ``ptv train --profile``."""

from __future__ import annotations

import time
from collections import defaultdict

from attrs import frozen
from lightning.pytorch.profilers import Profiler


@frozen
class TimeShares:
    """Seconds of a training on this process.

    Attributes:
        data: waiting for batches.
        forward, backward, optimizer: of the steps; on a GPU they are the times of starting the work, not of doing it.
        rest: validation, checkpoints, and everything else.
        steps: batches that were trained on.
    """

    data: float
    forward: float
    backward: float
    optimizer: float
    rest: float
    steps: int

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by what they were spent on."""
        names = ("data", "forward", "backward", "optimizer", "rest")
        return {name: getattr(self, name) for name in names}

    @property
    def total(self) -> float:
        """Seconds of all epochs."""
        return sum(self.seconds.values())

    @property
    def share_of_data(self) -> float:
        """Share of the training, validation and checkpoints left out, in which the model waited for data."""
        training = self.total - self.rest
        return self.data / training if training else 0.0

    def table(self) -> str:
        """The shares, for people."""
        words = {"data": "waiting for data", "rest": "validation, checkpoints, the rest"}
        lines = [
            f"{words.get(name, name):<34} {seconds:9.2f} s {100 * seconds / max(self.total, 1e-9):5.1f} %"
            for name, seconds in self.seconds.items()
        ]
        waiting = (
            f"The model waited for data in {100 * self.share_of_data:.1f} % of the training ({self.steps} batches)."
        )
        return "\n".join([*lines, waiting])


class TrainingProfiler(Profiler):
    """Adds up the seconds of what Lightning does in a training."""

    def __init__(self) -> None:
        super().__init__()
        self._begun: dict[str, float] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._steps = 0

    def start(self, action_name: str) -> None:
        """Begin an action."""
        self._begun[action_name] = time.perf_counter()

    def stop(self, action_name: str) -> None:
        """End it."""
        begun = self._begun.pop(action_name, None)
        if begun is not None:
            self._seconds[action_name] += time.perf_counter() - begun
            self._steps += action_name == "run_training_batch"

    def summary(self) -> str:
        """See :meth:`TimeShares.table`."""
        return self.shares().table()

    def shares(self) -> TimeShares:
        """What was measured so far."""
        data = self._sum("train_dataloader_next")
        forward, backward = self._sum(".training_step"), self._sum(".backward")
        batches, epochs = self._seconds["run_training_batch"], self._seconds["run_training_epoch"]
        return TimeShares(
            data, forward, backward, batches - forward - backward, max(0.0, epochs - batches - data), self._steps
        )

    def _sum(self, ending: str) -> float:
        return sum(seconds for name, seconds in self._seconds.items() if name.endswith(ending))
