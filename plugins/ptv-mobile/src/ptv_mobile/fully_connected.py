"""The fully connected layer as an efficient block."""

from __future__ import annotations

from torch import nn

from ptv_mobile.block_base import NoOpConvertBlock


class FullyConnected(NoOpConvertBlock):
    """A linear layer of the last dimension, the same in both forms.

    Args:
        in_features: extent of that dimension.
        out_features: its extent in the output.
        bias: add a bias.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__(nn.Linear(in_features, out_features, bias=bias))
