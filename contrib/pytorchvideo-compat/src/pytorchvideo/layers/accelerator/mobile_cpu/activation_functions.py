"""Activations as efficient blocks."""

import ptv_mobile
from ptv_layers import Swish as SwishCustomOp
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase

__all__ = ["EfficientBlockBase", "HardSwish", "Identity", "ReLU", "Swish", "SwishCustomOp", "supported_act_functions"]


class HardSwish(DocumentedConvert, ptv_mobile.HardSwish):
    """As :class:`ptv_mobile.HardSwish`, with the documented arguments of ``convert``."""


class Identity(DocumentedConvert, ptv_mobile.Identity):
    """As :class:`ptv_mobile.Identity`, with the documented arguments of ``convert``."""


class ReLU(DocumentedConvert, ptv_mobile.ReLU):
    """As :class:`ptv_mobile.ReLU`, with the documented arguments of ``convert``."""


class Swish(DocumentedConvert, ptv_mobile.Swish):
    """As :class:`ptv_mobile.Swish`, with the documented arguments of ``convert``."""


supported_act_functions = {"relu": ReLU, "swish": Swish, "hswish": HardSwish, "identity": Identity}
"""The activations by the names that blocks take."""
