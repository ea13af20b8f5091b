"""The positional encoding of vision transformers under the name of its form for TorchScript, which is the same here."""

from ptv_layers import SpatioTemporalClsPositionalEncoding as ScriptableSpatioTemporalClsPositionalEncoding

__all__ = ["ScriptableSpatioTemporalClsPositionalEncoding"]
