"""The documented rules of the transmuter: each offers one efficient block for a convolution that it computes exactly."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from ptv_mobile.replacements import efficient_block_for
from pytorchvideo.layers.accelerator.mobile_cpu import convolutions
from pytorchvideo.layers.accelerator.mobile_cpu.convolutions import (
    Conv3d3x1x1BnAct,
    Conv3d3x3x3DwBnAct,
    Conv3d5x1x1BnAct,
    Conv3dPwBnAct,
    Conv3dTemporalKernel1BnAct,
)

__all__ = [
    "EFFICIENT_BLOCK_TRANSMUTER_MOBILE_CPU",
    "Conv3d3x1x1BnAct",
    "Conv3d3x3x3DwBnAct",
    "Conv3d5x1x1BnAct",
    "Conv3dPwBnAct",
    "Conv3dTemporalKernel1BnAct",
    "transmute_Conv3d3x1x1BnAct",
    "transmute_Conv3d3x3x3DwBnAct",
    "transmute_Conv3d5x1x1BnAct",
    "transmute_Conv3dPwBnAct",
    "transmute_Conv3dTemporalKernel1BnAct",
]


def transmute_Conv3dPwBnAct(input_module: nn.Module) -> nn.Module | None:
    """The pointwise convolution as an efficient block, or ``None`` if the module is none."""
    return _made(input_module, convolutions.Conv3dPwBnAct)


def transmute_Conv3d3x3x3DwBnAct(input_module: nn.Module) -> nn.Module | None:
    """The depthwise 3x3x3 convolution as an efficient block, or ``None`` if the module is none."""
    return _made(input_module, convolutions.Conv3d3x3x3DwBnAct)


def transmute_Conv3dTemporalKernel1BnAct(input_module: nn.Module) -> nn.Module | None:
    """The convolution of single frames as an efficient block, or ``None`` if the module is none."""
    return _made(input_module, convolutions.Conv3dTemporalKernel1BnAct)


def transmute_Conv3d3x1x1BnAct(input_module: nn.Module) -> nn.Module | None:
    """The temporal convolution of three frames as an efficient block, or ``None`` if the module is none."""
    return _made(input_module, convolutions.Conv3d3x1x1BnAct)


def transmute_Conv3d5x1x1BnAct(input_module: nn.Module) -> nn.Module | None:
    """The temporal convolution of five frames as an efficient block, or ``None`` if the module is none."""
    return _made(input_module, convolutions.Conv3d5x1x1BnAct)


def _made(module: nn.Module, kind: type[nn.Module]) -> nn.Module | None:
    if not isinstance(module, nn.Conv3d):
        return None
    block = efficient_block_for(module)
    return block if isinstance(block, kind) else None


EFFICIENT_BLOCK_TRANSMUTER_MOBILE_CPU: list[Callable[[nn.Module], nn.Module | None]] = [
    transmute_Conv3dPwBnAct,
    transmute_Conv3d3x3x3DwBnAct,
    transmute_Conv3dTemporalKernel1BnAct,
    transmute_Conv3d3x1x1BnAct,
    transmute_Conv3d5x1x1BnAct,
]
