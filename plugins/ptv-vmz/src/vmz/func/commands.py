"""VMZ's options as a command of this project."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys

from ptv_registry.errors import ArgumentError


def train_command(args: argparse.Namespace) -> list[str]:
    """The arguments of ``ptv`` that train as ``train_net.py`` does with these options."""
    warmup = args.lr_warmup_epochs / args.epochs
    milestones = ", ".join(str(epoch) for epoch in args.lr_milestones)
    return [
        *("train", "--model", _model(args), "--train", args.traindir, "--val", args.valdir, "--out", args.output_dir),
        *("--epochs", str(args.epochs), "--batch-size", str(args.batch_size), "--workers", str(args.workers)),
        *("--optimizer", f"sgd(lr={args.lr}, momentum={args.momentum}, weight_decay={args.weight_decay})"),
        *(
            "--schedule",
            f"multistep(milestones=[{milestones}], factor={args.lr_gamma}, warmup={warmup:g})",
        ),
        *_input(args),
        *_weights(args),
    ]


def test_command(args: argparse.Namespace) -> list[str]:
    """The arguments of ``ptv`` that test as ``test_net.py`` does: the scores of several clips of a video are averaged.

    Raises:
        ArgumentError: neither weights nor a checkpoint are given.
    """
    if not (args.resume_from_model or args.pretrained):
        raise ArgumentError("give --resume_from_model with a checkpoint, or --pretrained with the name of weights")
    return [
        *("eval", args.resume_from_model or _model(args), "--data", args.valdir, "--out", args.output_dir),
        *("--views", f"{args.val_clips_per_video}x1", "--batch-size", str(args.batch_size)),
        *("--workers", str(args.workers)),
        *_input(args),
        *(() if args.resume_from_model else _weights(args)),
    ]


def run(arguments: list[str]) -> None:
    """Run ``ptv`` with these arguments, after printing them.

    Raises:
        CalledProcessError: it failed; it has said why.
    """
    print("ptv", shlex.join(arguments))  # noqa: T201 - what the command is called here
    subprocess.run([sys.executable, "-m", "ptv_registry.cli", *arguments], check=True)


def _model(args: argparse.Namespace) -> str:
    return f"{args.model}(num_classes={args.num_finetune_classes})" if args.finetune else str(args.model)


def _input(args: argparse.Namespace) -> list[str]:
    return ["--input", f"num_frames={args.num_frames}, crop={args.crop_size}"]


def _weights(args: argparse.Namespace) -> list[str]:
    return ["--weights", args.pretrained] if args.pretrained else []
