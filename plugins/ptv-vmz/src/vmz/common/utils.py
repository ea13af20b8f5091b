"""Accuracy, folders, and which process this is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ptv_layers.process_groups import get_world_size, is_distributed
from ptv_registry.retired import retired_names

__all__ = [
    "accuracy",
    "get_rank",
    "get_world_size",
    "is_dist_avail_and_initialized",
    "is_main_process",
    "mkdir",
    "save_on_master",
]

is_dist_avail_and_initialized = is_distributed


def accuracy(output: torch.Tensor, target: torch.Tensor, topk: Sequence[int] = (1,)) -> list[torch.Tensor]:
    """Percentages of scores (B, classes) whose target (B) is among the highest ``k``, for each ``k``."""
    ranked = output.topk(max(topk), 1).indices
    hits = ranked.eq(target[:, None])
    return [hits[:, :k].any(1).float().mean() * 100 for k in topk]


def mkdir(path: str | os.PathLike[str]) -> None:
    """Make a folder, and those above it, if it is not there."""
    Path(path).mkdir(parents=True, exist_ok=True)


def get_rank() -> int:
    """The number of this process; 0 without a process group."""
    return torch.distributed.get_rank() if is_distributed() else 0


def is_main_process() -> bool:
    """Whether this is the first process."""
    return get_rank() == 0


def save_on_master(*args: Any, **kwargs: Any) -> None:
    """``torch.save`` in the first process."""
    if is_main_process():
        torch.save(*args, **kwargs)


__getattr__ = retired_names(
    __name__,
    dict.fromkeys(
        ("get_init_file", "get_shared_folder", "init_distributed_mode", "setup_for_distributed"),
        "`ptv train --devices N --nodes M`, which starts and connects the processes",
    ),
)
