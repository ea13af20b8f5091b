"""Squeeze and excitation as an efficient block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

import ptv_layers.squeeze_excitation
from ptv_layers.slots import Activation, Conv
from ptv_mobile.block_base import CalibratedSize, EfficientBlock, convert_part
from ptv_mobile.time_first import mean_of_frames, time_first, transposed


class SqueezeExcitation(EfficientBlock):
    """Squeeze and excitation of images (B, C, H, W), or of clips (B, C, T, H, W) with ``is_3d``.

    Hu et al.: "Squeeze-and-Excitation Networks", https://arxiv.org/abs/1709.01507. In the deployable form the two
    convolutions are linear layers; convolutions of another class than torch's stay what they are.

    Args:
        num_channels: the number of channels C.
        num_channels_reduced: the number of channels between the two convolutions.
        reduction_ratio: what C is divided by to get that number when it is not given.
        is_3d: take clips, not images.
        activation: makes the activation between the two convolutions.
        conv: makes the two pointwise convolutions; ``nn.Conv3d`` or ``nn.Conv2d`` if not given.
    """

    def __init__(
        self,
        num_channels: int,
        num_channels_reduced: int | None = None,
        reduction_ratio: float = 2.0,
        is_3d: bool = False,
        activation: Activation = nn.ReLU,
        conv: Conv | None = None,
    ) -> None:
        super().__init__()
        self.is_3d = is_3d
        self.se: nn.Module = ptv_layers.squeeze_excitation.SqueezeExcitation(
            num_channels,
            num_channels_reduced=num_channels_reduced,
            reduction_ratio=reduction_ratio,
            activation=activation,
            conv=conv or (nn.Conv3d if is_3d else nn.Conv2d),
        )

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Make linear layers of the convolutions."""
        calibrated = CalibratedSize.of(input_size, 5 if self.is_3d else 4, fixed_batch)
        self.begin_conversion()
        gates: Any = self.se.block
        convert_part(gates[1], calibrated.size, keep_conv3d=keep_conv3d, fixed_batch=fixed_batch)
        if all(type(gates[i]) in (nn.Conv2d, nn.Conv3d) for i in (0, 2)):
            layers = nn.Sequential(_linear(gates[0]), gates[1], _linear(gates[2]), gates[3])
            self.se = _LinearExcitation(layers, calibrated)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale the channels of ``x``."""
        return self.se(x)

    def time_first(self, x: torch.Tensor) -> torch.Tensor:
        """The same, for clips (B, T, C, H, W)."""
        return time_first(self.se, x)


class _LinearExcitation(nn.Module):
    """Gates from two linear layers, for inputs of one size."""

    def __init__(self, gates: nn.Sequential, calibrated: CalibratedSize) -> None:
        super().__init__()
        self.gates = gates
        self.calibrated = calibrated

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(self.calibrated.size) == 5:
            return transposed(self.time_first(transposed(x)))
        self.calibrated.check(x)
        return x * self.gates(x.mean((2, 3)))[:, :, None, None]

    def time_first(self, x: torch.Tensor) -> torch.Tensor:
        self.calibrated.check(x, time_first=True)
        return x * self.gates(mean_of_frames(x).flatten(1)).reshape(-1, 1, x.shape[2], 1, 1)


def _linear(conv: Any) -> nn.Linear:
    """A pointwise convolution as a linear layer."""
    weight, bias = conv.weight.detach(), conv.bias
    linear = nn.Linear(
        weight.shape[1], weight.shape[0], bias=bias is not None, device=weight.device, dtype=weight.dtype
    )
    with torch.no_grad():
        linear.weight.copy_(weight.flatten(1))
        if bias is not None:
            linear.bias.copy_(bias)
    return linear
