"""Testing and dense prediction, which are ``ptv eval``."""

import argparse

from vmz.func.commands import run, test_command

__all__ = ["test_main"]


def test_main(args: argparse.Namespace) -> None:
    """Test a model with ``val_clips_per_video`` clips of each video, whose scores are averaged."""
    run(test_command(args))
