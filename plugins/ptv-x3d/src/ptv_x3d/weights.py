"""The published checkpoints of X3D: rows of the tables of PyTorchVideo and PySlowFast."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights

XS_CLIPS: Final = ClipInput(4, 12, side=182, crop=182, train_crop=160)
S_CLIPS: Final = ClipInput(13, 6, side=182, crop=182, train_crop=160)
M_CLIPS: Final = ClipInput(16, 5, train_crop=224)
L_CLIPS: Final = ClipInput(16, 5, side=356, crop=356, train_crop=312)

_X3D_XS: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/X3D_XS.pyth",
    table="pytorchvideo",
    spec="x3d_xs",
    clip_input=XS_CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="X3D",
    depth="XS",
    frames_x_rate="4x12",
    params_m=3.79,
    flops_g=0.91,
    metrics={"top1": 69.12, "top5": 88.63},
)
X3D_XS: Final = (
    _X3D_XS,
    _X3D_XS.in_pyslowfast("kinetics/X3D_XS.pyth", "Kinetics/pytorchvideo/X3D_XS"),
)

_X3D_S: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/X3D_S.pyth",
    table="pytorchvideo",
    spec="x3d_s",
    clip_input=S_CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="X3D",
    depth="S",
    frames_x_rate="13x6",
    params_m=3.79,
    flops_g=2.96,
    metrics={"top1": 73.33, "top5": 91.27},
)
X3D_S: Final = (
    _X3D_S,
    _X3D_S.in_pyslowfast("kinetics/X3D_S.pyth", "Kinetics/pytorchvideo/X3D_S"),
)

_X3D_M: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/X3D_M.pyth",
    table="pytorchvideo",
    spec="x3d_m",
    clip_input=M_CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="X3D",
    depth="M",
    frames_x_rate="16x5",
    params_m=3.79,
    flops_g=6.72,
    metrics={"top1": 75.94, "top5": 92.72},
)
X3D_M: Final = (
    _X3D_M,
    _X3D_M.in_pyslowfast("kinetics/X3D_M.pyth", "Kinetics/pytorchvideo/X3D_M"),
)

_X3D_L: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/X3D_L.pyth",
    table="pytorchvideo",
    spec="x3d_l",
    clip_input=L_CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="X3D",
    depth="L",
    frames_x_rate="16x5",
    params_m=6.15,
    flops_g=26.64,
    metrics={"top1": 77.44, "top5": 93.31},
)
X3D_L: Final = (
    _X3D_L,
    _X3D_L.in_pyslowfast("kinetics/X3D_L.pyth", "Kinetics/pytorchvideo/X3D_L"),
)
