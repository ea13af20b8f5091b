"""The published models: each is :func:`ptv_vmz.create_vmz_resnet` with a row of arguments.

The arguments of the four models of VMZ itself may be given in VMZ's order, ``ir_csn_152("", True)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from torch import nn

from ptv_cards.clip_input import takes_clips
from ptv_cards.published_weights import PublishedWeights, has_weights
from ptv_cards.roles import Classes
from ptv_layers.slots import Activation, Block, Norm, Stem
from ptv_vmz.block import create_vmz_basic_block, create_vmz_bottleneck_block
from ptv_vmz.filters import (
    create_filter_2d,
    create_filter_2plus1d,
    create_filter_3d,
    create_interaction_preserved_filter,
    create_interaction_reduced_filter,
)
from ptv_vmz.model import CLIPS, StageLayers, VideoResNet, create_vmz_resnet
from ptv_vmz.pretraining import check_pretraining, load_pretraining
from ptv_vmz.stem import create_vmz_2plus1d_stem, create_vmz_stem
from ptv_vmz.weights import IP_CSN_152, IR_CSN_152, R2PLUS1D_34, R2PLUS1D_152

_BOTTLENECKS_152: Final[dict[str, Any]] = {"stage_depths": (3, 8, 36, 3), "stage_expansion": 4}
_TORCHVISION: Final[dict[str, Any]] = {"norm_eps": 1e-5, "norm_momentum": 0.1}


def _with_pretrainings(
    name: str,
    what: str,
    weights: Sequence[PublishedWeights],
    *,
    ends_in_pool: bool,
    made_of: tuple[Callable[..., nn.Module], Callable[..., nn.Module], Callable[..., nn.Module]],
    row: Mapping[str, Any],
) -> Callable[..., VideoResNet]:
    """The builder of a model of VMZ: its arguments in VMZ's order, with the model's own stem, block and filter."""
    own_stem, own_block, own_filter = made_of

    def build(
        pretraining: str = "",
        use_pool1: bool = ends_in_pool,
        progress: bool = False,
        num_classes: Classes = 400,
        norm: Norm = nn.BatchNorm3d,
        activation: Activation = nn.ReLU,
        stem: Stem = own_stem,
        block: Block = own_block,
        stage_filter: StageLayers = own_filter,
    ) -> VideoResNet:
        check_pretraining(name, pretraining)
        model = create_vmz_resnet(
            **row,
            num_classes=num_classes,
            stage_filter=stage_filter,
            use_pool1=use_pool1,
            norm=norm,
            activation=activation,
            stem=stem,
            block=block,
        )
        return load_pretraining(model, name, pretraining, weights, progress)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"""Build {what}.

    Args:
        pretraining: one of ``AVAIL_PRETRAININGS["{name}"]``; empty for random weights.
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
    return has_weights(*weights)(build)


ir_csn_152: Final = _with_pretrainings(
    "ir_csn_152",
    "ir-CSN-152, whose spatiotemporal convolutions keep channels to themselves (https://arxiv.org/abs/1904.02811)",
    IR_CSN_152,
    ends_in_pool=True,
    made_of=(create_vmz_stem, create_vmz_bottleneck_block, create_interaction_reduced_filter),
    row=_BOTTLENECKS_152,
)

ip_csn_152: Final = _with_pretrainings(
    "ip_csn_152",
    "ip-CSN-152, which lets channels interact before each filter (https://arxiv.org/abs/1904.02811)",
    IP_CSN_152,
    ends_in_pool=True,
    made_of=(create_vmz_stem, create_vmz_bottleneck_block, create_interaction_preserved_filter),
    row=_BOTTLENECKS_152,
)

r2plus1d_34: Final = _with_pretrainings(
    "r2plus1d_34",
    "R(2+1)D-34 (https://arxiv.org/abs/1711.11248)",
    R2PLUS1D_34,
    ends_in_pool=False,
    made_of=(create_vmz_2plus1d_stem, create_vmz_basic_block, create_filter_2plus1d),
    row={"stage_depths": (3, 4, 6, 3)},
)

r2plus1d_152: Final = _with_pretrainings(
    "r2plus1d_152",
    "R(2+1)D-152 (https://arxiv.org/abs/1711.11248)",
    R2PLUS1D_152,
    ends_in_pool=True,
    made_of=(create_vmz_2plus1d_stem, create_vmz_bottleneck_block, create_filter_2plus1d),
    row=_BOTTLENECKS_152,
)

r3d_18: Final = partial(create_vmz_resnet, **_TORCHVISION)
r3d_18.__doc__ = "Build R3D-18, torchvision's (https://arxiv.org/abs/1711.11248)."
takes_clips(CLIPS)(r3d_18)

mc3_18: Final = partial(
    create_vmz_resnet,
    stage_filter=(create_filter_3d, create_filter_2d, create_filter_2d, create_filter_2d),
    stage_temporal_stride=(1, 1, 1, 1),
    **_TORCHVISION,
)
mc3_18.__doc__ = "Build MC3-18, torchvision's, with 3-D filters in the first stage (https://arxiv.org/abs/1711.11248)."
takes_clips(CLIPS)(mc3_18)

r2plus1d_18: Final = partial(
    create_vmz_resnet,
    stem=create_vmz_2plus1d_stem,
    stage_filter=create_filter_2plus1d,
    share_inner_channels=True,
    **_TORCHVISION,
)
r2plus1d_18.__doc__ = "Build R(2+1)D-18, torchvision's (https://arxiv.org/abs/1711.11248)."
takes_clips(CLIPS)(r2plus1d_18)
