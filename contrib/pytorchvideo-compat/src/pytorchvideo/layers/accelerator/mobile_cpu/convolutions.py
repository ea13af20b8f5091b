"""Convolution, norm and activation as one efficient block."""

import torch

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase
from pytorchvideo.layers.accelerator.mobile_cpu.activation_functions import supported_act_functions

__all__ = [
    "TORCH_VERSION",
    "Conv3d3x1x1BnAct",
    "Conv3d3x3x3DwBnAct",
    "Conv3d5x1x1BnAct",
    "Conv3dPwBnAct",
    "Conv3dTemporalKernel1BnAct",
    "EfficientBlockBase",
    "supported_act_functions",
]

TORCH_VERSION = tuple(int(part) for part in torch.__version__.split(".")[:2])


class Conv3d3x1x1BnAct(DocumentedConvert, ptv_mobile.Conv3d3x1x1BnAct):
    """As :class:`ptv_mobile.Conv3d3x1x1BnAct`, with the documented arguments of ``convert``."""


class Conv3d3x3x3DwBnAct(DocumentedConvert, ptv_mobile.Conv3d3x3x3DwBnAct):
    """As :class:`ptv_mobile.Conv3d3x3x3DwBnAct`, with the documented arguments of ``convert``."""


class Conv3d5x1x1BnAct(DocumentedConvert, ptv_mobile.Conv3d5x1x1BnAct):
    """As :class:`ptv_mobile.Conv3d5x1x1BnAct`, with the documented arguments of ``convert``."""


class Conv3dPwBnAct(DocumentedConvert, ptv_mobile.Conv3dPwBnAct):
    """As :class:`ptv_mobile.Conv3dPwBnAct`, with the documented arguments of ``convert``."""


class Conv3dTemporalKernel1BnAct(DocumentedConvert, ptv_mobile.Conv3dTemporalKernel1BnAct):
    """As :class:`ptv_mobile.Conv3dTemporalKernel1BnAct`, with the documented arguments of ``convert``."""
