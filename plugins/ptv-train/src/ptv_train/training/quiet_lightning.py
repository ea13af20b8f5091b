"""Lightning without its advertisements, and with a Ctrl-C that works."""

from __future__ import annotations

import logging
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import lightning.pytorch as pl


@contextmanager
def interruptible(trainer: pl.Trainer) -> Iterator[None]:
    """Ctrl-C works as usual: Lightning otherwise ends the process with status 1 instead, and ignores the next."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        if not trainer.interrupted:
            raise
        raise KeyboardInterrupt from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Keep Lightning from advertising; what it warns of that a user cannot change here is left out."""
    names = ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero", "lightning.fabric.utilities.rank_zero")
    loggers: list[tuple[logging.Logger, int]] = [(logging.getLogger(n), logging.getLogger(n).level) for n in names]
    restore: list[Callable[[], None]] = []
    for logger, level in loggers:
        logger.setLevel(logging.ERROR)
        restore.append(lambda logger=logger, level=level: logger.setLevel(level))  # type: ignore[misc]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*does not have many workers.*")
            warnings.filterwarnings("ignore", message=".*Total length of `list` across ranks is zero.*")
            warnings.filterwarnings("ignore", message=".*exists and is not empty.*")
            warnings.filterwarnings("ignore", message=".*number of training batches.*")
            warnings.filterwarnings("ignore", message=".*`validation_step` but have no `val_dataloader`.*")
            warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*")
            warnings.filterwarnings("ignore", message=".*on epoch level in distributed setting.*")
            warnings.filterwarnings("ignore", message=".*in eval mode at the start of training.*")
            yield
    finally:
        for undo in restore:
            undo()
