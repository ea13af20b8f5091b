"""The published models: each is :func:`ptv_vmz.create_vmz_resnet` with a row of arguments.

The arguments of the four models of VMZ itself may be given in VMZ's order, ``ir_csn_152("", True)``.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from torch import nn

from ptv_layers.published_weights import has_weights
from ptv_layers.slots import Activation, Block, Norm, Stem
from ptv_vmz.block import create_vmz_basic_block, create_vmz_bottleneck_block
from ptv_vmz.filters import (
    create_filter_2d,
    create_filter_2plus1d,
    create_filter_3d,
    create_interaction_preserved_filter,
    create_interaction_reduced_filter,
)
from ptv_vmz.model import StageFilters, VideoResNet, create_vmz_resnet
from ptv_vmz.pretraining import check_pretraining, load_pretraining
from ptv_vmz.stem import create_vmz_2plus1d_stem, create_vmz_stem
from ptv_vmz.weights import IP_CSN_152, IR_CSN_152, R2PLUS1D_34, R2PLUS1D_152

_BOTTLENECKS_152: Final[dict[str, Any]] = {"stage_depths": (3, 8, 36, 3), "stage_expansion": 4}
_TORCHVISION: Final[dict[str, Any]] = {"norm_eps": 1e-5, "norm_momentum": 0.1}


@has_weights(*IR_CSN_152)
def ir_csn_152(
    pretraining: str = "",
    use_pool1: bool = True,
    progress: bool = False,
    num_classes: int = 400,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_vmz_stem,
    block: Block = create_vmz_bottleneck_block,
    stage_filter: StageFilters = create_interaction_reduced_filter,
) -> VideoResNet:
    """Build ir-CSN-152, whose spatiotemporal convolutions keep channels to themselves (https://arxiv.org/abs/1904.02811).

    Args:
        pretraining: one of ``AVAIL_PRETRAININGS["ir_csn_152"]``; empty for random weights.
        use_pool1: end the stem with a pool.
        progress: show the progress of a download.
        num_classes: number of classes.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation; ``None`` for none.
        stem: makes the stem.
        block: makes each block.
        stage_filter: makes the spatiotemporal filters.

    Raises:
        ArgumentError: the pre-training is unknown.
        PretrainingUnavailableError: nobody says where its weights are, or ptv-zoo, which loads them, is not installed.
    """
    check_pretraining("ir_csn_152", pretraining)
    model = create_vmz_resnet(
        **_BOTTLENECKS_152,
        num_classes=num_classes,
        stage_filter=stage_filter,
        use_pool1=use_pool1,
        norm=norm,
        activation=activation,
        stem=stem,
        block=block,
    )
    return load_pretraining(model, "ir_csn_152", pretraining, IR_CSN_152, progress)


@has_weights(*IP_CSN_152)
def ip_csn_152(
    pretraining: str = "",
    use_pool1: bool = True,
    progress: bool = False,
    num_classes: int = 400,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_vmz_stem,
    block: Block = create_vmz_bottleneck_block,
    stage_filter: StageFilters = create_interaction_preserved_filter,
) -> VideoResNet:
    """Build ip-CSN-152, which lets channels interact before each filter (https://arxiv.org/abs/1904.02811).

    Arguments as in :func:`ir_csn_152`.
    """
    check_pretraining("ip_csn_152", pretraining)
    model = create_vmz_resnet(
        **_BOTTLENECKS_152,
        num_classes=num_classes,
        stage_filter=stage_filter,
        use_pool1=use_pool1,
        norm=norm,
        activation=activation,
        stem=stem,
        block=block,
    )
    return load_pretraining(model, "ip_csn_152", pretraining, IP_CSN_152, progress)


@has_weights(*R2PLUS1D_34)
def r2plus1d_34(
    pretraining: str = "",
    use_pool1: bool = False,
    progress: bool = False,
    num_classes: int = 400,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_vmz_2plus1d_stem,
    block: Block = create_vmz_basic_block,
    stage_filter: StageFilters = create_filter_2plus1d,
) -> VideoResNet:
    """Build R(2+1)D-34 (https://arxiv.org/abs/1711.11248).

    Arguments as in :func:`ir_csn_152`.
    """
    check_pretraining("r2plus1d_34", pretraining)
    model = create_vmz_resnet(
        stage_depths=(3, 4, 6, 3),
        num_classes=num_classes,
        stage_filter=stage_filter,
        use_pool1=use_pool1,
        norm=norm,
        activation=activation,
        stem=stem,
        block=block,
    )
    return load_pretraining(model, "r2plus1d_34", pretraining, R2PLUS1D_34, progress)


@has_weights(*R2PLUS1D_152)
def r2plus1d_152(
    pretraining: str = "",
    use_pool1: bool = True,
    progress: bool = False,
    num_classes: int = 400,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem: Stem = create_vmz_2plus1d_stem,
    block: Block = create_vmz_bottleneck_block,
    stage_filter: StageFilters = create_filter_2plus1d,
) -> VideoResNet:
    """Build R(2+1)D-152 (https://arxiv.org/abs/1711.11248).

    Arguments as in :func:`ir_csn_152`.
    """
    check_pretraining("r2plus1d_152", pretraining)
    model = create_vmz_resnet(
        **_BOTTLENECKS_152,
        num_classes=num_classes,
        stage_filter=stage_filter,
        use_pool1=use_pool1,
        norm=norm,
        activation=activation,
        stem=stem,
        block=block,
    )
    return load_pretraining(model, "r2plus1d_152", pretraining, R2PLUS1D_152, progress)


r3d_18: Final = partial(create_vmz_resnet, **_TORCHVISION)
r3d_18.__doc__ = "Build R3D-18, torchvision's (https://arxiv.org/abs/1711.11248)."

mc3_18: Final = partial(
    create_vmz_resnet,
    stage_filter=(create_filter_3d, create_filter_2d, create_filter_2d, create_filter_2d),
    stage_temporal_stride=(1, 1, 1, 1),
    **_TORCHVISION,
)
mc3_18.__doc__ = "Build MC3-18, torchvision's, with 3-D filters in the first stage (https://arxiv.org/abs/1711.11248)."

r2plus1d_18: Final = partial(
    create_vmz_resnet,
    stem=create_vmz_2plus1d_stem,
    stage_filter=create_filter_2plus1d,
    share_inner_channels=True,
    **_TORCHVISION,
)
r2plus1d_18.__doc__ = "Build R(2+1)D-18, torchvision's (https://arxiv.org/abs/1711.11248)."
