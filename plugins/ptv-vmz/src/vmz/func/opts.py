"""The options of VMZ's tools that mean something here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

__all__ = ["parse_args"]

_TEXT: Final = {
    "model": "r2plus1d_18",
    "pretrained": "",
    "traindir": "",
    "valdir": "",
    "output_dir": ".",
    "resume_from_model": "",
    "device": "auto",
}
_WHOLE: Final = {
    "batch_size": 24,
    "epochs": 45,
    "workers": 10,
    "num_frames": 16,
    "crop_size": 112,
    "val_clips_per_video": 1,
    "num_finetune_classes": 101,
    "lr_warmup_epochs": 10,
}
_NUMBER: Final = {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4, "lr_gamma": 0.1}
_SHORT: Final = {"batch_size": ["-b"], "workers": ["-j"], "weight_decay": ["--wd"]}


def parse_args(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read options as VMZ's tools take them; one that has no meaning here is an error.

    Args:
        arguments: the options; ``None`` for those of the program.
    """
    parser = argparse.ArgumentParser(description="VMZ's tools as commands of ptv", allow_abbrev=False)
    for kind, options in ((str, _TEXT), (int, _WHOLE), (float, _NUMBER)):
        for name, default in options.items():
            spellings = {f"--{name}", f"--{name.replace('_', '-')}"}
            parser.add_argument(*_SHORT.get(name, []), *sorted(spellings), dest=name, type=kind, default=default)
    parser.add_argument("--lr-milestones", dest="lr_milestones", nargs="+", type=int, default=[20, 30, 40])
    parser.add_argument("--finetune", action="store_true")
    parser.add_argument("--eval_only", action="store_true")
    return parser.parse_args(arguments)
