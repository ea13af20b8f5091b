"""The published checkpoints of SlowFast: rows of the tables of PyTorchVideo and PySlowFast."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights
from ptv_resnet.weights import REVERSED

_URL: Final = "https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo"
_CLIPS: Final = ClipInput(32, 2, alpha=4, train_crop=224)

_8X8: Final = PublishedWeights(
    name="kinetics400",
    url=f"{_URL}/kinetics/SLOWFAST_8x8_R50.pyth",
    table="pytorchvideo",
    spec="slowfast_r50",
    clip_input=_CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="SlowFast",
    depth="R50",
    frames_x_rate="8x8",
    params_m=34.57,
    flops_g=65.71,
    flops_include_norms=False,
    metrics={"top1": 76.94, "top5": 92.69},
)
_SSV2: Final = PublishedWeights(
    name="ssv2",
    url=f"{_URL}/ssv2/SLOWFAST_8x8_R50.pyth",
    table="pytorchvideo",
    spec="slowfast_r50(model_num_class=174)",
    clip_input=_CLIPS,
    dataset="Something-Something V2",
    num_classes=174,
    arch="SlowFast",
    depth="R50",
    frames_x_rate="8x8",
    params_m=34.04,
    flops_g=66.60,
    metrics={"top1": 61.68, "top5": 86.92},
    views=(3, 1),
    pretrain="Kinetics 400",
    input_note=REVERSED,
)
_CHARADES: Final = PublishedWeights(
    name="charades",
    url=f"{_URL}/charades/SLOWFAST_8x8_R50.pyth",
    table="pytorchvideo",
    spec="slowfast_r50(model_num_class=157, head_activation=sigmoid)",
    clip_input=_CLIPS,
    dataset="Charades",
    num_classes=157,
    arch="SlowFast",
    depth="R50",
    frames_x_rate="8x8",
    params_m=34.00,
    flops_g=66.60,
    metrics={"map": 37.24},
    pretrain="Kinetics 400",
    input_note=REVERSED,
)
SLOWFAST_R50: Final = (
    _8X8,
    _8X8.in_pyslowfast("kinetics/SLOWFAST_8x8_R50.pyth", "Kinetics/pytorchvideo/SLOWFAST_8x8_R50"),
    _SSV2,
    _SSV2.in_pyslowfast("ssv2/SLOWFAST_8x8_R50.pyth", "SSv2/pytorchvideo/SLOWFAST_8x8_R50"),
    _CHARADES,
    _CHARADES.in_pyslowfast(
        "ssv2/SLOWFAST_8x8_R50.pyth",
        "Charades/pytorchvideo/SLOWFAST_8x8_R50",
        erratum="the address is that of the checkpoint for Something-Something V2",
    ),
)

_4X16: Final = PublishedWeights(
    name="kinetics400_4x16",
    url=f"{_URL}/kinetics/SLOWFAST_4x16_R50.pyth",
    table="pytorchvideo",
    spec="slowfast(slowfast_fusion_conv_kernel_size=[5, 1, 1], slowfast_fusion_conv_stride=[8, 1, 1], "
    "head_pool_kernel_sizes=[[4, 7, 7], [32, 7, 7]])",
    clip_input=ClipInput(32, 2, alpha=8, train_crop=224),
    dataset="Kinetics-400",
    num_classes=400,
    arch="SlowFast",
    depth="R50",
    frames_x_rate="4x16",
    params_m=34.48,
    flops_g=36.69,
    metrics={"top1": 75.34, "top5": 91.89},
)
SLOWFAST: Final = (
    _4X16,
    _4X16.in_pyslowfast("kinetics/SLOWFAST_4x16_R50.pyth", "Kinetics/pytorchvideo/SLOWFAST_4x16_R50"),
)

_R101: Final = PublishedWeights(
    name="kinetics400",
    url=f"{_URL}/kinetics/SLOWFAST_8x8_R101.pyth",
    table="pytorchvideo",
    spec="slowfast_r101",
    clip_input=_CLIPS,
    dataset="Kinetics-400",
    num_classes=400,
    arch="SlowFast",
    depth="R101",
    frames_x_rate="8x8",
    params_m=62.83,
    flops_g=127.20,
    metrics={"top1": 77.90, "top5": 93.27},
)
SLOWFAST_R101: Final = (
    _R101,
    _R101.in_pyslowfast("kinetics/SLOWFAST_8x8_R101.pyth", "Kinetics/pytorchvideo/SLOWFAST_8x8_R101"),
)

_16X8: Final = PublishedWeights(
    name="kinetics400",
    url=f"{_URL}/kinetics/SLOWFAST_16x8_R101_50_50.pyth",
    table="pytorchvideo",
    spec="slowfast_16x8_r101_50_50",
    clip_input=ClipInput(64, 2, alpha=4, train_crop=224),
    dataset="Kinetics-400",
    num_classes=400,
    arch="SlowFast",
    depth="R101",
    frames_x_rate="16x8",
    params_m=53.77,
    flops_g=215.61,
    metrics={"top1": 78.70, "top5": 93.61},
)
SLOWFAST_16X8: Final = (
    _16X8,
    _16X8.in_pyslowfast("kinetics/SLOWFAST_16x8_R101_50_50.pyth", "Kinetics/pytorchvideo/SLOWFAST_16x8_R101_50_50"),
)

SLOWFAST_R50_DETECTION: Final = (
    PublishedWeights(
        name="ava",
        url=f"{_URL}/ava/SLOWFAST_8x8_R50_DETECTION.pyth",
        table="pytorchvideo",
        spec="slowfast_r50_detection",
        clip_input=_CLIPS,
        dataset="AVA (V2.2)",
        num_classes=80,
        arch="SlowFast",
        depth="R50",
        frames_x_rate="8x8",
        params_m=33.82,
        flops_g=None,
        metrics={"map": 24.67},
        views=None,
        pretrain="Kinetics 400",
    ),
)
