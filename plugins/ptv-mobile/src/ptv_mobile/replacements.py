"""Which efficient block stands for a module of torch or of ptv-layers: exact matches only."""

from __future__ import annotations

from typing import Any

from torch import nn

import ptv_layers.squeeze_excitation
import ptv_layers.swish
from ptv_mobile.activations import Swish
from ptv_mobile.block_base import EfficientBlock
from ptv_mobile.conv_blocks import Conv3dBnAct
from ptv_mobile.decomposed_conv import why_not_decomposable
from ptv_mobile.norms import BatchNormBlock
from ptv_mobile.pools import AdaptiveAvgPool3dOutSize1
from ptv_mobile.sized_conv_blocks import (
    Conv3d3x1x1BnAct,
    Conv3d3x3x3DwBnAct,
    Conv3d5x1x1BnAct,
    Conv3dPwBnAct,
    Conv3dTemporalKernel1BnAct,
)
from ptv_mobile.squeeze_excitation import SqueezeExcitation
from ptv_mobile.window_pools import WindowPool3d, why_not_separable


def efficient_block_for(module: nn.Module) -> EfficientBlock | None:
    """The efficient block that computes what ``module`` does, with the same parameters, or ``None``.

    A subclass, or a module with hooks, may do anything, so neither is replaced.
    """
    if module._forward_hooks or module._forward_pre_hooks or module._backward_hooks:
        return None
    kind = type(module)
    if kind is nn.Conv3d:
        return _conv_block(module)  # type: ignore[arg-type]
    if kind is nn.BatchNorm3d:
        return BatchNormBlock(module) if module.running_var is not None else None  # type: ignore[arg-type]
    if kind is nn.AdaptiveAvgPool3d:
        return AdaptiveAvgPool3dOutSize1() if module.output_size in (1, (1, 1, 1)) else None
    if kind in (nn.AvgPool3d, nn.MaxPool3d):
        return WindowPool3d(module) if why_not_separable(module) is None else None  # type: ignore[arg-type]
    if kind in (ptv_layers.swish.Swish, nn.SiLU):
        return Swish()
    if kind is ptv_layers.squeeze_excitation.SqueezeExcitation:
        return _excitation_block(module)
    return None


def _conv_block(conv: nn.Conv3d) -> Conv3dBnAct | None:
    if why_not_decomposable(conv) is not None:
        return None
    plain: dict[str, Any] = {"activation": "identity", "use_bn": False, "conv": lambda **_: conv}
    channels = (conv.in_channels, conv.out_channels)
    kernel, stride, padding, dilation = conv.kernel_size, conv.stride, conv.padding, conv.dilation
    if conv.padding_mode == "zeros":
        unit = stride == dilation == (1, 1, 1)
        if unit and (kernel, padding, conv.groups) == ((1, 1, 1), (0, 0, 0), 1):
            return Conv3dPwBnAct(*channels, **plain)
        if unit and (kernel, padding) == ((3, 1, 1), (1, 0, 0)):
            return Conv3d3x1x1BnAct(*channels, **plain)
        if unit and (kernel, padding) == ((5, 1, 1), (2, 0, 0)):
            return Conv3d5x1x1BnAct(*channels, **plain)
        depthwise = conv.in_channels == conv.out_channels == conv.groups
        if depthwise and (kernel, padding, dilation) == ((3, 3, 3), (1, 1, 1), (1, 1, 1)) and _spatial(stride):
            return Conv3d3x3x3DwBnAct(conv.in_channels, **plain)
        if kernel[0] == 1 and padding[0] == 0 and all(map(_spatial, (kernel, stride, dilation, (1, *padding[1:])))):
            return Conv3dTemporalKernel1BnAct(*channels, **plain)
    return Conv3dBnAct(*channels, kernel, **plain)


def _spatial(size: tuple[Any, ...]) -> bool:
    """Whether a size is (1, n, n)."""
    return size[0] == 1 and size[1] == size[2]


def _excitation_block(module: Any) -> SqueezeExcitation | None:
    first = module.block[0]
    if type(first) is not nn.Conv3d:
        return None
    block = SqueezeExcitation(first.in_channels, first.out_channels, is_3d=True, conv=lambda **_: nn.Identity())
    block.se = module
    return block
