"""The published checkpoints of ir-CSN: rows of the tables of PyTorchVideo and PySlowFast."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights

CLIPS: Final = ClipInput(32, 2, train_crop=224)

_CSN_R101: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/CSN_32x2_R101.pyth",
    table="pytorchvideo",
    spec="csn_r101",
    clip_input=CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="CSN",
    depth="R101",
    frames_x_rate="32x2",
    params_m=22.21,
    flops_g=75.62,
    metrics={"top1": 77.00, "top5": 92.90},
)
CSN_R101: Final = (
    _CSN_R101,
    _CSN_R101.in_pyslowfast("kinetics/CSN_32x2_R101.pyth", "Kinetics/pytorchvideo/CSN_32x2_R101"),
)
