"""The trainer's configurations by name, each with the command that does the same here."""

from __future__ import annotations

from typing import Final

from ptv_registry.retired import RetiredNameError

__all__ = ["INSTEAD", "refuse"]

_TRAIN: Final = "ptv train --train videos/train --val videos/val --out runs/first --model"
_SSL: Final = "ptv_ssl, whose models are trained in a loop of your own"

#: What does the work of a configuration here.
INSTEAD: Final = {
    "classification_mvit_16x4": f"{_TRAIN} mvit_base_16x4 --optimizer adamw --batch-transform mixup",
    "classification_slow_8x8_r50": f"{_TRAIN} slow_r50 --optimizer sgd --callback precise_bn",
    "classification_slowfast_8x8_r50": f"{_TRAIN} slowfast_r50 --optimizer sgd --callback precise_bn",
    "classification_x3d_xs": f"{_TRAIN} x3d_xs --optimizer sgd --callback precise_bn",
    "byol_train_app_conf": f"{_SSL}: ptv_ssl.BYOL",
    "moco_v2_train_app_conf": f"{_SSL}: ptv_ssl.MoCo",
    "simclr_train_app_conf": f"{_SSL}: ptv_ssl.SimCLR",
}


def refuse(name: str) -> None:
    """Say what to use instead of a configuration.

    Raises:
        RetiredNameError: always; it names the command, or the configurations if no such one.
    """
    if name in INSTEAD:
        raise RetiredNameError(f"the configuration {name} is that of another trainer; use: {INSTEAD[name]}")
    raise RetiredNameError(f"unknown configuration {name!r}; those with a counterpart in ptv are {', '.join(INSTEAD)}")
