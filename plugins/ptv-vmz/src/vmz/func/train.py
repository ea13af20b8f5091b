"""Training, which is ``ptv train``."""

import argparse

from vmz.func.commands import run, test_command, train_command

__all__ = ["train_main"]


def train_main(args: argparse.Namespace) -> None:
    """Train, or with ``eval_only`` test, as the options say."""
    run(test_command(args) if args.eval_only else train_command(args))
