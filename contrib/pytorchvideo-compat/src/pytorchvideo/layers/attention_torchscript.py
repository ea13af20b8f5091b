"""Multiscale attention under the names of its form for TorchScript, which is the same here."""

from ptv_layers import DropPath
from ptv_mvit import Mlp, MultiScaleAttention
from ptv_mvit import MultiScaleBlock as ScriptableMultiScaleBlock

__all__ = ["DropPath", "Mlp", "MultiScaleAttention", "ScriptableMultiScaleBlock"]
