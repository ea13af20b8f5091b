"""Efficient blocks for mobile CPUs, EfficientX3D, and the conversion of models to them."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_mobile.activations import HardSwish, Identity, ReLU, Swish, supported_act_functions
    from ptv_mobile.block_base import (
        AlreadyConvertedError,
        CalibratedSize,
        CalibratedSizeError,
        EfficientBlock,
        NoOpConvertBlock,
    )
    from ptv_mobile.comparison import ConversionReport, ParityError
    from ptv_mobile.conv_blocks import Conv3dBnAct, create_efficient_conv
    from ptv_mobile.conversion import convert_and_compare, convert_to_deployable_form
    from ptv_mobile.decomposed_conv import DecomposedConv3d
    from ptv_mobile.fully_connected import FullyConnected
    from ptv_mobile.model import EfficientX3d
    from ptv_mobile.pools import (
        AdaptiveAvgPool2d,
        AdaptiveAvgPool2dOutSize1,
        AdaptiveAvgPool3d,
        AdaptiveAvgPool3dOutSize1,
    )
    from ptv_mobile.published import efficient_x3d_s, efficient_x3d_xs
    from ptv_mobile.residual_block import X3dBottleneckBlock
    from ptv_mobile.sized_conv_blocks import (
        Conv3d3x1x1BnAct,
        Conv3d3x3x3DwBnAct,
        Conv3d5x1x1BnAct,
        Conv3dPwBnAct,
        Conv3dTemporalKernel1BnAct,
    )
    from ptv_mobile.squeeze_excitation import SqueezeExcitation
    from ptv_mobile.transmuter import MOBILE_CPU, AmbiguousReplacementError, transmute_and_compare, transmute_model

__all__ = [
    "MOBILE_CPU",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool2dOutSize1",
    "AdaptiveAvgPool3d",
    "AdaptiveAvgPool3dOutSize1",
    "AlreadyConvertedError",
    "AmbiguousReplacementError",
    "CalibratedSize",
    "CalibratedSizeError",
    "Conv3d3x1x1BnAct",
    "Conv3d3x3x3DwBnAct",
    "Conv3d5x1x1BnAct",
    "Conv3dBnAct",
    "Conv3dPwBnAct",
    "Conv3dTemporalKernel1BnAct",
    "ConversionReport",
    "DecomposedConv3d",
    "EfficientBlock",
    "EfficientX3d",
    "FullyConnected",
    "HardSwish",
    "Identity",
    "NoOpConvertBlock",
    "ParityError",
    "ReLU",
    "SqueezeExcitation",
    "Swish",
    "X3dBottleneckBlock",
    "convert_and_compare",
    "convert_to_deployable_form",
    "create_efficient_conv",
    "efficient_x3d_s",
    "efficient_x3d_xs",
    "supported_act_functions",
    "transmute_and_compare",
    "transmute_model",
]

__getattr__, __dir__ = lazy_package(__name__)
