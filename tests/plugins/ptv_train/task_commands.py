"""The commands that a task is used with, run in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from ptv_deploy.commands import export
from ptv_train.commands import train
from ptv_train.evaluation.command import evaluate
from ptv_train.prediction.command import predict

_COMMANDS = {"train": train, "eval": evaluate, "predict": predict, "export": export}


def ptv(name: str, *words: str | Path) -> Any:
    """What a command prints with ``--json``."""
    done = CliRunner().invoke(_COMMANDS[name], [*map(str, words), "--json"], catch_exceptions=False)
    assert 0 == done.exit_code, done.output
    return json.loads(done.stdout)
