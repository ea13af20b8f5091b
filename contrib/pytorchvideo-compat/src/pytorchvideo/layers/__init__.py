"""Layers of video models."""

from pytorchvideo.layers import (
    attention,
    attention_torchscript,
    batch_norm,
    convolution,
    convolutional,
    convolutions,
    distributed,
    drop_path,
    fusion,
    mlp,
    nonlocal_net,
    positional_encoding,
    positional_encoding_torchscript,
    squeeze_excitation,
    swish,
    utils,
)
from pytorchvideo.layers.attention import Mlp, MultiScaleAttention, MultiScaleBlock
from pytorchvideo.layers.attention_torchscript import ScriptableMultiScaleBlock
from pytorchvideo.layers.batch_norm import NaiveSyncBatchNorm1d, NaiveSyncBatchNorm2d, NaiveSyncBatchNorm3d
from pytorchvideo.layers.convolutions import Conv2plus1d, ConvReduce3D, create_conv_2plus1d
from pytorchvideo.layers.drop_path import DropPath
from pytorchvideo.layers.fusion import ConcatFusion, ReduceFusion, TemporalConcatFusion, make_fusion_layer
from pytorchvideo.layers.mlp import make_multilayer_perceptron
from pytorchvideo.layers.nonlocal_net import NonLocal, create_nonlocal
from pytorchvideo.layers.positional_encoding import PositionalEncoding, SpatioTemporalClsPositionalEncoding
from pytorchvideo.layers.positional_encoding_torchscript import ScriptableSpatioTemporalClsPositionalEncoding
from pytorchvideo.layers.squeeze_excitation import (
    SqueezeAndExcitationLayer2D,
    SqueezeExcitation,
    create_audio_2d_squeeze_excitation_block,
)
from pytorchvideo.layers.swish import Swish, SwishFunction

__all__ = [
    "ConcatFusion",
    "Conv2plus1d",
    "ConvReduce3D",
    "DropPath",
    "Mlp",
    "MultiScaleAttention",
    "MultiScaleBlock",
    "NaiveSyncBatchNorm1d",
    "NaiveSyncBatchNorm2d",
    "NaiveSyncBatchNorm3d",
    "NonLocal",
    "PositionalEncoding",
    "ReduceFusion",
    "ScriptableMultiScaleBlock",
    "ScriptableSpatioTemporalClsPositionalEncoding",
    "SpatioTemporalClsPositionalEncoding",
    "SqueezeAndExcitationLayer2D",
    "SqueezeExcitation",
    "Swish",
    "SwishFunction",
    "TemporalConcatFusion",
    "attention",
    "attention_torchscript",
    "batch_norm",
    "convolution",
    "convolutional",
    "convolutions",
    "create_audio_2d_squeeze_excitation_block",
    "create_conv_2plus1d",
    "create_nonlocal",
    "distributed",
    "drop_path",
    "fusion",
    "make_fusion_layer",
    "make_multilayer_perceptron",
    "mlp",
    "nonlocal_net",
    "positional_encoding",
    "positional_encoding_torchscript",
    "squeeze_excitation",
    "swish",
    "utils",
]
