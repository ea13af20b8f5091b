"""EfficientX3D: X3D of efficient blocks."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Literal

import torch
from torch import nn

from ptv_cards.classifier import Classifier, last_linear, path_of
from ptv_cards.roles import Classes
from ptv_layers.slots import Block, Conv, Layer, Norm
from ptv_mobile.activations import NamedActivation, make_act
from ptv_mobile.fully_connected import FullyConnected
from ptv_mobile.pools import AdaptiveAvgPool3dOutSize1
from ptv_mobile.residual_block import X3dBottleneckBlock
from ptv_mobile.sized_conv_blocks import Conv3d5x1x1BnAct, Conv3dPwBnAct, Conv3dTemporalKernel1BnAct
from ptv_mobile.time_first import time_first, transposed
from ptv_registry.errors import ArgumentError

_DEPTHS: Final = {"XS": (3, 5, 11, 7), "S": (3, 5, 11, 7), "M": (3, 5, 11, 7), "L": (5, 10, 25, 15)}
_WIDTHS: Final = (24, 48, 96, 192)
_STEM_WIDTH: Final = 24
_EXPANSION: Final = 2.25
_SE_RATIO: Final = 0.0625
_HEAD_WIDTH: Final = 2048


class EfficientX3d(Classifier, nn.Module):
    """X3D made of efficient blocks, from clips (B, 3, T, H, W) to scores (B, num_classes).

    Feichtenhofer: "X3D: expanding architectures for efficient video recognition", https://arxiv.org/abs/2004.04730.
    While training, the head's activation is left out, as losses take logits. XS, S and M are one network for clips of
    different lengths and sizes.

    Args:
        num_classes: the number of classes.
        dropout: probability of dropping a feature before the projection, while training; 0 for no such layer.
        expansion: the published size, "XS", "S", "M" or "L".
        head_act: the activation of the scores in evaluation: "relu", "swish", "hswish", "identity", or what makes one.
        enable_head: end in a head; without one the output are features (B, 192, T, H / 32, W / 32).
        activation: the activation after the first and third convolution of a block, and in stem and head.
        inner_act: the activation after the depthwise convolution of a block.
        norm: makes each norm.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        conv: makes each convolution.
        res_block: makes each residual block.
        head_pool: makes the pool of the head, called with nothing.

    Raises:
        ArgumentError: the expansion or activation is unknown.
    """

    def __init__(
        self,
        num_classes: Classes = 400,
        dropout: float = 0.5,
        expansion: Literal["XS", "S", "M", "L"] = "XS",
        head_act: NamedActivation = "identity",
        enable_head: bool = True,
        activation: NamedActivation = "relu",
        inner_act: NamedActivation = "swish",
        norm: Norm = nn.BatchNorm3d,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        conv: Conv = nn.Conv3d,
        res_block: Block = X3dBottleneckBlock,
        head_pool: Layer = AdaptiveAvgPool3dOutSize1,
    ) -> None:
        super().__init__()
        if expansion not in _DEPTHS:
            msg = f"expansion={expansion!r} is not one of {', '.join(_DEPTHS)}"
            raise ArgumentError(msg, argument="expansion", value=expansion)
        norms: dict[str, Any] = {"norm_eps": norm_eps, "norm_momentum": norm_momentum, "norm": norm, "conv": conv}
        stem: OrderedDict[str, nn.Module] = OrderedDict()
        stem["pathway0_stem_conv_xy"] = Conv3dTemporalKernel1BnAct(
            3,
            _STEM_WIDTH,
            spatial_kernel=3,
            spatial_stride=2,
            spatial_padding=1,
            activation="identity",
            use_bn=False,
            **norms,
        )
        stem["pathway0_stem_conv"] = Conv3d5x1x1BnAct(
            _STEM_WIDTH, _STEM_WIDTH, groups=_STEM_WIDTH, activation=activation, **norms
        )
        self.s1 = nn.Sequential(stem)

        def new_block(in_channels: int, width: int, position: int) -> nn.Module:
            return res_block(
                in_channels=in_channels,
                mid_channels=int(width * _EXPANSION),
                out_channels=width,
                spatial_stride=2 if position == 0 else 1,
                se_ratio=_SE_RATIO if position % 2 == 0 else 0.0,
                act_functions=(activation, inner_act, activation),
                **norms,
            )

        stages = _stages(_DEPTHS[expansion], new_block)
        self.s2, self.s3, self.s4, self.s5 = stages
        self.enable_head = enable_head
        self.act = make_act(head_act, "head_act") if enable_head else None
        if enable_head:
            head: OrderedDict[str, nn.Module] = OrderedDict()
            inner = int(_WIDTHS[-1] * _EXPANSION)
            head["conv_5"] = Conv3dPwBnAct(_WIDTHS[-1], inner, activation=activation, **norms)
            head["avg_pool"] = head_pool()
            head["lin_5"] = Conv3dPwBnAct(inner, _HEAD_WIDTH, activation=activation, use_bn=False, **norms)
            self.head = nn.Sequential(head)
            self.dropout = nn.Dropout(dropout) if dropout > 0 else None
            self.projection = FullyConnected(_HEAD_WIDTH, num_classes)

    @property
    def classifier_path(self) -> str | None:
        """The linear layer of the projection."""
        return last_linear(self, "projection") if self.enable_head else None

    @property
    def score_activation(self) -> str | None:
        """The activation of the scores, unless it does nothing."""
        return path_of("", self, "act")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Score clips (B, 3, T, H, W)."""
        x = self._features(x)
        if self.act is None:
            return x
        x = self.head(x).permute(0, 2, 3, 4, 1)
        if self.dropout is not None:
            x = self.dropout(x)
        x = self.projection(x)
        if not self.training:
            x = self.act(x).mean((1, 2, 3))
        return x.flatten(1)

    def _features(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.jit.is_scripting():
            return self._features_in_python(x)
        return self.s5(self.s4(self.s3(self.s2(self.s1(x)))))

    @torch.jit.unused
    def _features_in_python(self, x: torch.Tensor) -> torch.Tensor:
        blocks = [block for stage in (self.s1, self.s2, self.s3, self.s4, self.s5) for block in stage]
        if all(getattr(block, "convert_flag", False) for block in blocks):  # no change of layout between blocks
            return transposed(functools.reduce(lambda clip, block: time_first(block, clip), blocks, transposed(x)))
        return self.s5(self.s4(self.s3(self.s2(self.s1(x)))))


def _stages(depths: tuple[int, ...], new_block: Callable[[int, int, int], nn.Module]) -> list[nn.Sequential]:
    stages, channels = [], _STEM_WIDTH
    for depth, width in zip(depths, _WIDTHS, strict=True):
        blocks: OrderedDict[str, nn.Module] = OrderedDict()
        for position in range(depth):
            blocks[f"pathway0_res{position}"] = new_block(channels, width, position)
            channels = width
        stages.append(nn.Sequential(blocks))
    return stages
