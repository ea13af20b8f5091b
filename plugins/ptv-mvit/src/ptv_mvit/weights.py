"""The published checkpoints of the multiscale vision transformers: rows of the table of PyTorchVideo, and the image model of its hub."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights

CLIPS_16X4: Final = ClipInput(16, 4, side=256, crop=224)
CLIPS_32X3: Final = ClipInput(32, 3, side=256, crop=224)

_BASE_16X4: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/MVIT_B_16x4.pyth",
    table="pytorchvideo",
    spec="mvit_base_16x4",
    clip_input=CLIPS_16X4,
    dataset="Kinetics-400",
    num_classes=400,
    arch="MViT",
    depth="B",
    frames_x_rate="16x4",
    params_m=36.61,
    flops_g=70.8,
    metrics={"top1": 78.85, "top5": 93.85},
    views=(1, 5),
)
_BASE_32X3: Final = PublishedWeights(
    name="kinetics400",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/MVIT_B_32x3_f294077834.pyth",
    table="pytorchvideo",
    spec="mvit_base_32x3",
    clip_input=CLIPS_32X3,
    dataset="Kinetics-400",
    num_classes=400,
    arch="MViT",
    depth="B",
    frames_x_rate="32x3",
    params_m=36.61,
    flops_g=170.37,
    metrics={"top1": 80.30, "top5": 94.69},
    views=(1, 5),
)

_BASE_16: Final = PublishedWeights(
    name="imagenet1k",
    url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/imagenet/MVIT_B_16_f292487636.pyth",
    spec="mvit_base_16(head_num_classes=1000)",
    dataset="ImageNet-1k",
    num_classes=1000,
    arch="MViT",
    depth="B",
    views=None,
)

MVIT_BASE_16X4: Final = (_BASE_16X4,)
MVIT_BASE_32X3: Final = (_BASE_32X3,)
MVIT_BASE_16: Final = (_BASE_16,)
