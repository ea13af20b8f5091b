"""The ``ptv`` command, killed with all its processes at a given moment of a training.

``KILL_BATCH`` counts the batches of this process; ``KILL_MOMENT`` is before_step, after_step, in_save or after_save.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from ptv_registry.cli import main
from ptv_train.training import run_state


def _kill_all() -> None:
    os.killpg(0, signal.SIGKILL)


def _killing(at: int, moment: str) -> None:
    batches = 0
    state, save = run_state.RunCheckpoints, run_state.save_checkpoint
    begin, end = state.on_train_batch_start, state.on_train_batch_end

    def on_train_batch_start(self: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal batches
        batches += 1
        begin(self, *args, **kwargs)
        if batches >= at and moment == "before_step":
            _kill_all()

    def on_train_batch_end(self: Any, *args: Any, **kwargs: Any) -> None:
        end(self, *args, **kwargs)
        if batches >= at and moment == "after_step":
            _kill_all()

    def save_checkpoint(data: dict[str, Any], path: Any) -> None:
        if batches >= at and moment == "in_save":
            path.with_name(".half").write_bytes(b"half")
            _kill_all()
        save(data, path)
        if batches >= at and moment == "after_save":
            _kill_all()

    state.on_train_batch_start = on_train_batch_start  # type: ignore[method-assign]
    state.on_train_batch_end = on_train_batch_end  # type: ignore[method-assign]
    run_state.save_checkpoint = save_checkpoint


if __name__ == "__main__":
    _killing(int(os.environ["KILL_BATCH"]), os.environ["KILL_MOMENT"])
    main()
