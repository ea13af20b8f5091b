"""Squeeze and excitation as an efficient block."""

from torch import nn

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.documented_convert import DocumentedConvert
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase

__all__ = ["EfficientBlockBase", "SqueezeExcitation"]


class SqueezeExcitation(DocumentedConvert, ptv_mobile.SqueezeExcitation):
    """As :class:`ptv_mobile.SqueezeExcitation`, with the documented arguments.

    Args:
        num_channels: the number of channels C.
        num_channels_reduced: the number of channels between the two convolutions.
        reduction_ratio: what C is divided by to get that number when it is not given.
        is_3d: take clips, not images.
        activation: the activation between the two convolutions; ReLU if not given.
    """

    def __init__(
        self,
        num_channels: int,
        num_channels_reduced: int | None = None,
        reduction_ratio: float = 2.0,
        is_3d: bool = False,
        activation: nn.Module | None = None,
    ) -> None:
        super().__init__(
            num_channels,
            num_channels_reduced=num_channels_reduced,
            reduction_ratio=reduction_ratio,
            is_3d=is_3d,
            activation=nn.ReLU if activation is None else lambda: activation,
        )
