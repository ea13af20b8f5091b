"""Convolution, norm and activation as one efficient block."""

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert

__all__ = ["Conv3d3x1x1BnAct", "Conv3d3x3x3DwBnAct", "Conv3d5x1x1BnAct", "Conv3dPwBnAct", "Conv3dTemporalKernel1BnAct"]


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
