"""Norms, convolutions, activations, pools and layers of video models."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

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

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "ChannelLayerNorm": "ptv_layers.norms",
    "ConcatFusion": "ptv_layers.fusion",
    "Conv2plus1d": "ptv_layers.convolutions",
    "ConvReduce3D": "ptv_layers.convolutions",
    "DropPath": "ptv_layers.drop_path",
    "NaiveSyncBatchNorm1d": "ptv_layers.batch_norm",
    "NaiveSyncBatchNorm2d": "ptv_layers.batch_norm",
    "NaiveSyncBatchNorm3d": "ptv_layers.batch_norm",
    "NonLocal": "ptv_layers.nonlocal_net",
    "PositionalEncoding": "ptv_layers.positional_encoding",
    "ReduceFusion": "ptv_layers.fusion",
    "Softmax": "ptv_layers.activations",
    "SpatioTemporalClsPositionalEncoding": "ptv_layers.cls_positional_encoding",
    "SqueezeAndExcitationLayer2D": "ptv_layers.squeeze_excitation",
    "SqueezeExcitation": "ptv_layers.squeeze_excitation",
    "Swish": "ptv_layers.swish",
    "SwishFunction": "ptv_layers.swish",
    "TemporalConcatFusion": "ptv_layers.fusion",
    "create_adaptive_avg_pool": "ptv_layers.pools",
    "create_audio_2d_squeeze_excitation_block": "ptv_layers.squeeze_excitation",
    "create_conv_2plus1d": "ptv_layers.convolutions",
    "create_conv_reduce": "ptv_layers.convolutions",
    "create_group_norm": "ptv_layers.norms",
    "create_nonlocal": "ptv_layers.nonlocal_net",
    "make_activation": "ptv_layers.activations",
    "make_fusion_layer": "ptv_layers.fusion",
    "make_multilayer_perceptron": "ptv_layers.mlp",
}

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
