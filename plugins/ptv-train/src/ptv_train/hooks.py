"""What ptv-train answers for: the commands ``train``, ``eval``, ``predict``, ``extract`` and ``demo``."""

from __future__ import annotations

from typing import Any

from ptv_registry import hookimpl


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add the commands."""
    from ptv_train.commands import demo, train
    from ptv_train.evaluation.command import evaluate
    from ptv_train.extraction.command import extract
    from ptv_train.prediction.command import predict

    for command in (train, evaluate, predict, extract, demo):
        group.add_command(command)
