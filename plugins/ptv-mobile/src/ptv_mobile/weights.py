"""The published checkpoints of EfficientX3D, of the models in their original form."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights

XS_CLIPS: Final = ClipInput(4, 12, side=160, crop=160)
S_CLIPS: Final = ClipInput(13, 6, side=160, crop=160)


def _row(size: str, frames_x_rate: str, clips: ClipInput, top1: float, top5: float) -> PublishedWeights:
    spec = f"efficient_x3d_{size.lower()}"
    return PublishedWeights(
        name="kinetics400",
        url=f"https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/{spec}_original_form.pyth",
        spec=spec,
        clip_input=clips,
        dataset="Kinetics-400",
        num_classes=400,
        arch="EfficientX3D",
        depth=size,
        frames_x_rate=frames_x_rate,
        params_m=3.8,
        views=(1, 10),
        metrics={"top1": top1, "top5": top5},
    )


EFFICIENT_X3D_XS: Final = (_row("XS", "4x12", XS_CLIPS, 68.5, 88.0),)
EFFICIENT_X3D_S: Final = (_row("S", "13x6", S_CLIPS, 73.0, 90.6),)
