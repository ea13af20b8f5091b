"""Norms, convolutions, activations, pools and layers of video models."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_layers.activations import Softmax, make_activation
    from ptv_layers.batch_norm import NaiveSyncBatchNorm1d, NaiveSyncBatchNorm2d, NaiveSyncBatchNorm3d
    from ptv_layers.cls_positional_encoding import SpatioTemporalClsPositionalEncoding
    from ptv_layers.convolutions import Conv2plus1d, ConvReduce3D, create_conv_2plus1d, create_conv_reduce
    from ptv_layers.drop_path import DropPath
    from ptv_layers.fusion import ConcatFusion, ReduceFusion, TemporalConcatFusion, make_fusion_layer
    from ptv_layers.mlp import make_multilayer_perceptron
    from ptv_layers.nonlocal_net import NonLocal, create_nonlocal
    from ptv_layers.norms import ChannelLayerNorm, create_group_norm
    from ptv_layers.pools import create_adaptive_avg_pool
    from ptv_layers.positional_encoding import PositionalEncoding
    from ptv_layers.squeeze_excitation import (
        SqueezeAndExcitationLayer2D,
        SqueezeExcitation,
        create_audio_2d_squeeze_excitation_block,
    )
    from ptv_layers.swish import Swish, SwishFunction

__all__ = [
    "ChannelLayerNorm",
    "ConcatFusion",
    "Conv2plus1d",
    "ConvReduce3D",
    "DropPath",
    "NaiveSyncBatchNorm1d",
    "NaiveSyncBatchNorm2d",
    "NaiveSyncBatchNorm3d",
    "NonLocal",
    "PositionalEncoding",
    "ReduceFusion",
    "Softmax",
    "SpatioTemporalClsPositionalEncoding",
    "SqueezeAndExcitationLayer2D",
    "SqueezeExcitation",
    "Swish",
    "SwishFunction",
    "TemporalConcatFusion",
    "create_adaptive_avg_pool",
    "create_audio_2d_squeeze_excitation_block",
    "create_conv_2plus1d",
    "create_conv_reduce",
    "create_group_norm",
    "create_nonlocal",
    "make_activation",
    "make_fusion_layer",
    "make_multilayer_perceptron",
]

__getattr__, __dir__ = lazy_package(__name__)
