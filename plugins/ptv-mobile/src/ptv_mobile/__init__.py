"""Efficient blocks for mobile CPUs, EfficientX3D, and the conversion of models to them."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

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

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "MOBILE_CPU": "ptv_mobile.transmuter",
    "AdaptiveAvgPool2d": "ptv_mobile.pools",
    "AdaptiveAvgPool2dOutSize1": "ptv_mobile.pools",
    "AdaptiveAvgPool3d": "ptv_mobile.pools",
    "AdaptiveAvgPool3dOutSize1": "ptv_mobile.pools",
    "AlreadyConvertedError": "ptv_mobile.block_base",
    "AmbiguousReplacementError": "ptv_mobile.transmuter",
    "CalibratedSize": "ptv_mobile.block_base",
    "CalibratedSizeError": "ptv_mobile.block_base",
    "Conv3d3x1x1BnAct": "ptv_mobile.sized_conv_blocks",
    "Conv3d3x3x3DwBnAct": "ptv_mobile.sized_conv_blocks",
    "Conv3d5x1x1BnAct": "ptv_mobile.sized_conv_blocks",
    "Conv3dBnAct": "ptv_mobile.conv_blocks",
    "Conv3dPwBnAct": "ptv_mobile.sized_conv_blocks",
    "Conv3dTemporalKernel1BnAct": "ptv_mobile.sized_conv_blocks",
    "ConversionReport": "ptv_mobile.comparison",
    "DecomposedConv3d": "ptv_mobile.decomposed_conv",
    "EfficientBlock": "ptv_mobile.block_base",
    "EfficientX3d": "ptv_mobile.model",
    "FullyConnected": "ptv_mobile.fully_connected",
    "HardSwish": "ptv_mobile.activations",
    "Identity": "ptv_mobile.activations",
    "NoOpConvertBlock": "ptv_mobile.block_base",
    "ParityError": "ptv_mobile.comparison",
    "ReLU": "ptv_mobile.activations",
    "SqueezeExcitation": "ptv_mobile.squeeze_excitation",
    "Swish": "ptv_mobile.activations",
    "X3dBottleneckBlock": "ptv_mobile.residual_block",
    "convert_and_compare": "ptv_mobile.conversion",
    "convert_to_deployable_form": "ptv_mobile.conversion",
    "create_efficient_conv": "ptv_mobile.conv_blocks",
    "efficient_x3d_s": "ptv_mobile.published",
    "efficient_x3d_xs": "ptv_mobile.published",
    "supported_act_functions": "ptv_mobile.activations",
    "transmute_and_compare": "ptv_mobile.transmuter",
    "transmute_model": "ptv_mobile.transmuter",
}

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
