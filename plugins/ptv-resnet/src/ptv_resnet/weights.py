"""The published checkpoints of the ResNets: rows of the tables of PyTorchVideo and PySlowFast."""

from __future__ import annotations

from typing import Final

from ptv_cards.clip_input import ClipInput
from ptv_cards.published_weights import PublishedWeights

_URL: Final = "https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo"
REVERSED: Final = "frames spread over the whole video, channels in the order BGR"
"""How PySlowFast's configurations for Charades and Something-Something V2 read clips."""

_C2D: Final = PublishedWeights(
    name="kinetics400",
    url=f"{_URL}/kinetics/C2D_8x8_R50.pyth",
    table="pytorchvideo",
    spec="c2d_r50",
    clip_input=ClipInput(8, 8, train_crop=224),
    dataset="Kinetics-400",
    num_classes=400,
    arch="C2D",
    depth="R50",
    frames_x_rate="8x8",
    params_m=24.33,
    flops_g=25.89,
    metrics={"top1": 71.46, "top5": 89.68},
)
C2D_R50: Final = (_C2D, _C2D.in_pyslowfast("kinetics/C2D_8x8_R50.pyth", "Kinetics/pytorchvideo/C2D_8x8_R50"))

_I3D: Final = PublishedWeights(
    name="kinetics400",
    url=f"{_URL}/kinetics/I3D_8x8_R50.pyth",
    table="pytorchvideo",
    spec="i3d_r50",
    clip_input=ClipInput(8, 8, train_crop=224),
    dataset="Kinetics-400",
    num_classes=400,
    arch="I3D",
    depth="R50",
    frames_x_rate="8x8",
    params_m=28.04,
    flops_g=37.53,
    metrics={"top1": 73.27, "top5": 90.70},
)
I3D_R50: Final = (_I3D, _I3D.in_pyslowfast("kinetics/I3D_8x8_R50.pyth", "Kinetics/pytorchvideo/I3D_8x8_R50"))

_SLOW_8X8: Final = PublishedWeights(
    name="kinetics400",
    url=f"{_URL}/kinetics/SLOW_8x8_R50.pyth",
    table="pytorchvideo",
    spec="slow_r50",
    clip_input=ClipInput(8, 8, train_crop=224),
    dataset="Kinetics-400",
    num_classes=400,
    arch="Slow",
    depth="R50",
    frames_x_rate="8x8",
    params_m=32.45,
    flops_g=54.52,
    flops_include_norms=False,
    metrics={"top1": 74.58, "top5": 91.63},
)
_SLOW_4X16: Final = PublishedWeights(
    name="kinetics400_4x16",
    url=f"{_URL}/kinetics/SLOW_4x16_R50.pyth",
    table="pytorchvideo",
    spec="slow_r50(head_pool_kernel_size=[4, 7, 7])",
    clip_input=ClipInput(4, 16, train_crop=224),
    dataset="Kinetics-400",
    num_classes=400,
    arch="Slow",
    depth="R50",
    frames_x_rate="4x16",
    params_m=32.45,
    flops_g=27.55,
    metrics={"top1": 72.40, "top5": 90.18},
)
_SLOW_SSV2: Final = PublishedWeights(
    name="ssv2",
    url=f"{_URL}/ssv2/SLOW_8x8_R50.pyth",
    table="pytorchvideo",
    spec="slow_r50(model_num_class=174)",
    clip_input=ClipInput(8, 8, train_crop=224),
    dataset="Something-Something V2",
    num_classes=174,
    arch="Slow",
    depth="R50",
    frames_x_rate="8x8",
    params_m=31.96,
    flops_g=55.10,
    metrics={"top1": 60.04, "top5": 85.19},
    views=(3, 1),
    pretrain="Kinetics 400",
    input_note=REVERSED,
    erratum="31.96 M parameters are those of the 157 classes of Charades; 174 classes have 31.99 M",
)
_SLOW_CHARADES: Final = PublishedWeights(
    name="charades",
    url=f"{_URL}/charades/SLOW_8x8_R50.pyth",
    table="pytorchvideo",
    spec="slow_r50(model_num_class=157, head_activation=sigmoid)",
    clip_input=ClipInput(8, 8, train_crop=224),
    dataset="Charades",
    num_classes=157,
    arch="Slow",
    depth="R50",
    frames_x_rate="8x8",
    params_m=31.96,
    flops_g=55.10,
    metrics={"map": 34.72},
    pretrain="Kinetics 400",
    input_note=REVERSED,
)
SLOW_R50: Final = (
    _SLOW_8X8,
    _SLOW_8X8.in_pyslowfast("kinetics/SLOW_8x8_R50.pyth", "Kinetics/pytorchvideo/SLOW_8x8_R50"),
    _SLOW_4X16,
    _SLOW_4X16.in_pyslowfast("kinetics/SLOW_4x16_R50.pyth", "Kinetics/pytorchvideo/SLOW_4x16_R50"),
    _SLOW_SSV2,
    _SLOW_SSV2.in_pyslowfast("ssv2/SLOW_8x8_R50.pyth", "SSv2/pytorchvideo/SLOW_8x8_R50"),
    _SLOW_CHARADES,
    _SLOW_CHARADES.in_pyslowfast(
        "ssv2/SLOW_8x8_R50.pyth",
        "Charades/pytorchvideo/SLOW_8x8_R50",
        erratum="the address is that of the checkpoint for Something-Something V2",
    ),
)

SLOW_R50_DETECTION: Final = (
    PublishedWeights(
        name="ava",
        url=f"{_URL}/ava/SLOW_4x16_R50_DETECTION.pyth",
        table="pytorchvideo",
        spec="slow_r50_detection",
        clip_input=ClipInput(4, 16, train_crop=224),
        dataset="AVA (V2.2)",
        num_classes=80,
        arch="Slow",
        depth="R50",
        frames_x_rate="4x16",
        params_m=31.78,
        flops_g=None,
        metrics={"map": 19.5},
        views=None,
        pretrain="Kinetics 400",
        erratum="the model for 80 classes has 31.80 M parameters, not 31.78 M",
    ),
)
