"""The published checkpoints of R(2+1)D: rows of the tables of PyTorchVideo and PySlowFast."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights

CLIPS: Final = ClipInput(16, 4, train_crop=224)

_R2PLUS1D_R50: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/R2PLUS1D_16x4_R50.pyth",
    table="pytorchvideo",
    spec="r2plus1d_r50",
    clip_input=CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="R(2+1)D",
    depth="R50",
    frames_x_rate="16x4",
    params_m=28.11,
    flops_g=76.45,
    metrics={"top1": 76.01, "top5": 92.23},
)
R2PLUS1D_R50: Final = (
    _R2PLUS1D_R50,
    _R2PLUS1D_R50.in_pyslowfast("kinetics/R2PLUS1D_16x4_R50.pyth", "Kinetics/pytorchvideo/R2PLUS1D_16x4_R50"),
)
