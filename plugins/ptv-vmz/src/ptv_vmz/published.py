"""The published models: each is :func:`ptv_vmz.create_vmz_resnet` with a row of arguments.

The arguments of the four models of VMZ itself may be given in VMZ's order, ``ir_csn_152("", True)``.
"""

from __future__ import annotations

from typing import Any, Final

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_registry.extending import extends
from ptv_vmz.block import create_vmz_basic_block, create_vmz_bottleneck_block
from ptv_vmz.filters import (
    create_filter_2d,
    create_filter_2plus1d,
    create_filter_3d,
    create_interaction_preserved_filter,
    create_interaction_reduced_filter,
)
from ptv_vmz.model import VideoResNet, create_vmz_resnet
from ptv_vmz.pretraining import check_pretraining, load_pretraining
from ptv_vmz.stem import create_vmz_2plus1d_stem, create_vmz_stem

TABLE: Final = published_models("ptv_vmz")
_BOTTLENECKS_152: Final[dict[str, Any]] = {"stage_depths": (3, 8, 36, 3), "stage_expansion": 4}
_TORCHVISION: Final[dict[str, Any]] = {"norm_eps": 1e-5, "norm_momentum": 0.1}


@extends(create_vmz_resnet)
def create_pretrained(
    arguments: dict[str, Any],
    pretraining: str = "",
    use_pool1: bool = True,
    progress: bool = False,
    *,
    arch: str,
) -> VideoResNet:
    """Build a model of VMZ.

    Args:
        pretraining: one of ``AVAIL_PRETRAININGS[arch]``; empty for random weights.
        progress: show the progress of a download.
        arch: the model whose pre-trainings there are.

    Raises:
        ArgumentError: the pre-training is unknown, or an argument does not have one entry per stage.
        PretrainingUnavailableError: its weights are not published, or ptv-zoo, which loads them, is not installed.
    """
    check_pretraining(arch, pretraining)
    model = create_vmz_resnet(**arguments)
    return load_pretraining(model, arch, pretraining, TABLE[arch].weights, progress)


ir_csn_152: Final = variant(
    "ir_csn_152",
    create_pretrained,
    "Build ir-CSN-152, whose spatiotemporal convolutions keep channels to themselves (https://arxiv.org/abs/1904.02811).",
    table=TABLE,
    row={
        "arch": "ir_csn_152",
        "stem": create_vmz_stem,
        "block": create_vmz_bottleneck_block,
        "stage_filter": create_interaction_reduced_filter,
        **_BOTTLENECKS_152,
    },
)

ip_csn_152: Final = variant(
    "ip_csn_152",
    create_pretrained,
    "Build ip-CSN-152, which lets channels interact before each filter (https://arxiv.org/abs/1904.02811).",
    table=TABLE,
    row={
        "arch": "ip_csn_152",
        "stem": create_vmz_stem,
        "block": create_vmz_bottleneck_block,
        "stage_filter": create_interaction_preserved_filter,
        **_BOTTLENECKS_152,
    },
)

r2plus1d_34: Final = variant(
    "r2plus1d_34",
    create_pretrained,
    "Build R(2+1)D-34 (https://arxiv.org/abs/1711.11248).",
    table=TABLE,
    row={
        "arch": "r2plus1d_34",
        "use_pool1": False,
        "stem": create_vmz_2plus1d_stem,
        "block": create_vmz_basic_block,
        "stage_filter": create_filter_2plus1d,
        "stage_depths": (3, 4, 6, 3),
    },
)

r2plus1d_152: Final = variant(
    "r2plus1d_152",
    create_pretrained,
    "Build R(2+1)D-152 (https://arxiv.org/abs/1711.11248).",
    table=TABLE,
    row={
        "arch": "r2plus1d_152",
        "stem": create_vmz_2plus1d_stem,
        "block": create_vmz_bottleneck_block,
        "stage_filter": create_filter_2plus1d,
        **_BOTTLENECKS_152,
    },
)

r3d_18: Final = variant(
    "r3d_18",
    create_vmz_resnet,
    "Build R3D-18, torchvision's (https://arxiv.org/abs/1711.11248).",
    table=TABLE,
    row=_TORCHVISION,
)


def _mixed(first_2d: int, what: str) -> Any:
    """MC``first_2d``-18: 3-D filters before that group of convolutions, the stem being the first, 2-D ones from it on."""
    stages_3d = first_2d - 2
    return variant(
        f"mc{first_2d}_18",
        create_vmz_resnet,
        f"Build MC{first_2d}-18, with 3-D filters in {what} (https://arxiv.org/abs/1711.11248).",
        table=TABLE,
        row={
            "stage_filter": (create_filter_3d,) * stages_3d + (create_filter_2d,) * (4 - stages_3d),
            "stage_temporal_stride": tuple(2 if 0 < stage < stages_3d else 1 for stage in range(4)),
            **_TORCHVISION,
        },
    )


mc2_18: Final = _mixed(2, "the stem")
mc3_18: Final = _mixed(3, "the stem and the first stage, torchvision's")
mc4_18: Final = _mixed(4, "the stem and the first two stages")
mc5_18: Final = _mixed(5, "the stem and the first three stages")

r2plus1d_18: Final = variant(
    "r2plus1d_18",
    create_vmz_resnet,
    "Build R(2+1)D-18, torchvision's (https://arxiv.org/abs/1711.11248).",
    table=TABLE,
    row={
        "stem": create_vmz_2plus1d_stem,
        "stage_filter": create_filter_2plus1d,
        "share_inner_channels": True,
        **_TORCHVISION,
    },
)
