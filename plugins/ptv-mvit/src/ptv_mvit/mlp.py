"""The perceptron of a transformer block, and the linear layer that all parts of the transformer use."""

from __future__ import annotations

import torch
from torch import nn

from ptv_layers.slots import Activation

INIT_STD = 0.02


def vit_linear(in_features: int, out_features: int, bias: bool = True) -> nn.Linear:
    """A linear layer whose weights start from a truncated normal of deviation 0.02 and whose bias starts at zero."""
    linear = nn.Linear(in_features, out_features, bias=bias)
    nn.init.trunc_normal_(linear.weight, std=INIT_STD)
    if bias:
        nn.init.zeros_(linear.bias)
    return linear


class Mlp(nn.Module):
    """Two linear layers with an activation between them, dropout after each.

    Takes and returns (B, N, C). Fan et al. 2021, https://arxiv.org/abs/2104.11227.

    Args:
        in_features: Channels of the input.
        hidden_features: Channels between the layers; ``None``: as many as the input has.
        out_features: Channels of the output; ``None``: as many as the input has.
        act_layer: Activation after the first layer; ``None``: no activation.
        dropout_rate: Dropout after each layer.
        bias_on: Whether the layers have biases.
    """

    def __init__(
        self,
        in_features: int,
        hidden_features: int | None = None,
        out_features: int | None = None,
        act_layer: Activation = nn.GELU,
        dropout_rate: float = 0.0,
        bias_on: bool = True,
    ) -> None:
        super().__init__()
        hidden = hidden_features or in_features
        self.fc1 = vit_linear(in_features, hidden, bias=bias_on)
        self.act = nn.Identity() if act_layer is None else act_layer()
        self.fc2 = vit_linear(hidden, out_features or in_features, bias=bias_on)
        self.dropout = nn.Dropout(dropout_rate) if dropout_rate > 0.0 else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the perceptron to every token of ``x`` (B, N, C)."""
        x = self.dropout(self.act(self.fc1(x)))
        return self.dropout(self.fc2(x))
