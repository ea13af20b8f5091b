"""The residual network of VMZ and of torchvision's video models, with their parameter names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Final

import torch
from torch import nn

from ptv_cards.classifier import Classifier, path_of
from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes
from ptv_layers.slots import Activation, Block, Norm, Stem
from ptv_registry import Slot
from ptv_resnet.model import per_stage
from ptv_resnet.weight_init import init_resnet_weights
from ptv_vmz.block import create_vmz_basic_block
from ptv_vmz.filters import create_filter_3d
from ptv_vmz.stem import create_vmz_stem

CLIPS: Final = ClipInput(16, 2, side=128, crop=112)
"""The clips of torchvision's video models: 16 frames, 15 a second, of 112 pixels."""

_Builder = Callable[..., nn.Module]
StageLayers = Annotated[_Builder | Sequence[_Builder], Slot("layer", many=True)]
"""One filter for all stages, or a list with one for each."""


@takes_clips(CLIPS)
def create_vmz_resnet(
    *,
    num_classes: Classes = 400,
    input_channel: Channels = 3,
    stage_depths: Sequence[int] = (2, 2, 2, 2),
    stage_dims: Sequence[int] = (64, 128, 256, 512),
    stage_expansion: int = 1,
    stage_filter: StageLayers = create_filter_3d,
    stage_spatial_stride: Sequence[int] = (1, 2, 2, 2),
    stage_temporal_stride: Sequence[int] = (1, 2, 2, 2),
    share_inner_channels: bool = False,
    use_pool1: bool = False,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-3,
    norm_momentum: float = 0.9,
    activation: Activation = nn.ReLU,
    stem: Stem = create_vmz_stem,
    block: Block = create_vmz_basic_block,
) -> VideoResNet:
    """Build a residual network for clips: a stem, four stages of blocks, an average over time and space, a classifier.

    Arguments named ``stage_...`` that are lists have one entry for each stage.

    Args:
        num_classes: number of classes.
        input_channel: channels of the clip.
        stage_depths: number of blocks.
        stage_dims: channels inside the blocks; the stem puts out as many as the first.
        stage_expansion: channels of a block's output, as a multiple of those inside: 1 for ``vmz_basic``, 4 for
            ``vmz_bottleneck``.
        stage_filter: makes the spatiotemporal filters of the blocks.
        stage_spatial_stride: stride over height and width.
        stage_temporal_stride: stride over time.
        share_inner_channels: as torchvision counts the channels inside (2+1)D filters, not as VMZ does.
        use_pool1: end the stem with a pool.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms; 1e-3 is Caffe2's.
        norm_momentum: momentum of the norms; 0.9 is VMZ's.
        activation: makes each activation; ``None`` for none.
        stem: makes the stem.
        block: makes each block.

    Returns:
        A network from (B, input_channel, T, H, W) to (B, num_classes).

    Raises:
        ArgumentError: if an argument has not one entry for each stage.
    """
    depths = per_stage("stage_depths", stage_depths, 4)
    dims = per_stage("stage_dims", stage_dims, 4)
    strides_xy = per_stage("stage_spatial_stride", stage_spatial_stride, 4)
    strides_t = per_stage("stage_temporal_stride", stage_temporal_stride, 4)
    filters = per_stage("stage_filter", [stage_filter] * 4 if callable(stage_filter) else stage_filter, 4)
    norms = {"norm": norm, "norm_eps": norm_eps, "norm_momentum": norm_momentum, "activation": activation}
    made_stem = stem(in_channels=input_channel, out_channels=dims[0], use_pool1=use_pool1, **norms)
    stages = []
    dim_in = dims[0]
    for index, depth in enumerate(depths):
        blocks = []
        for number in range(depth):
            blocks.append(
                block(
                    dim_in=dim_in,
                    dim_inner=dims[index],
                    expansion=stage_expansion,
                    stride=(strides_t[index], strides_xy[index], strides_xy[index]) if number == 0 else (1, 1, 1),
                    filter=filters[index],
                    share_inner_channels=share_inner_channels,
                    **norms,
                )
            )
            dim_in = dims[index] * stage_expansion
        stages.append(nn.Sequential(*blocks))
    return init_resnet_weights(VideoResNet(stem=made_stem, stages=stages, fc=nn.Linear(dim_in, num_classes)))


class VideoResNet(Classifier, nn.Module):
    """Stem, four stages, average and classifier; made by :func:`create_vmz_resnet`.

    Args:
        stem: the stem.
        stages: the four stages.
        fc: the classifier.
    """

    def __init__(self, *, stem: nn.Module, stages: Sequence[nn.Module], fc: nn.Module) -> None:
        super().__init__()
        self.stem = stem
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.avgpool = nn.AdaptiveAvgPool3d(1)
        self.fc = fc

    @property
    def head_path(self) -> str | None:
        """The linear layer."""
        return path_of("", self, "fc")

    def forward_features(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to the features (B, C', T', H', W') before the average."""
        return self.layer4(self.layer3(self.layer2(self.layer1(self.stem(x)))))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to scores (B, classes)."""
        return self.fc(self.avgpool(self.forward_features(x)).flatten(1))
