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

__all__ = [
    "LSTM",
    "LearnMaskedDefault",
    "MaskedMultiPathWay",
    "MaskedSequential",
    "MaskedTemporalPooling",
    "TransposeMultiheadAttention",
    "TransposeTransformerEncoder",
]
