"""Networks of several masked streams."""

from ptv_multimodal import (
    LSTM,
    LearnMaskedDefault,
    MaskedMultiPathWay,
    MaskedSequential,
    MaskedTemporalPooling,
    TransposeMultiheadAttention,
    TransposeTransformerEncoder,
)
from pytorchvideo.layers.utils import set_attributes

__all__ = [
    "LSTM",
    "LearnMaskedDefault",
    "MaskedMultiPathWay",
    "MaskedSequential",
    "MaskedTemporalPooling",
    "TransposeMultiheadAttention",
    "TransposeTransformerEncoder",
    "set_attributes",
]
