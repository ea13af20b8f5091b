"""Weight initialisation."""

from __future__ import annotations

from torch import nn

from ptv_layers import SpatioTemporalClsPositionalEncoding
from ptv_mvit.weight_init import init_vit_weights
from ptv_registry.errors import ArgumentError
from ptv_resnet import init_resnet_weights

__all__ = ["SpatioTemporalClsPositionalEncoding", "init_net_weights"]


class InitStyleError(ArgumentError, AssertionError):
    """The way to initialise a network is unknown."""


def init_net_weights(model: nn.Module, init_std: float = 0.01, style: str = "resnet") -> nn.Module:
    """Initialise a network, in place.

    Args:
        model: what a builder has just made.
        init_std: standard deviation of the weights of linear layers.
        style: ``"resnet"`` or ``"vit"``.

    Raises:
        InitStyleError: it is neither.
    """
    if style not in ("resnet", "vit"):
        raise InitStyleError(f"style={style!r} must be 'resnet' or 'vit'")
    return init_vit_weights(model, init_std) if style == "vit" else init_resnet_weights(model, fc_init_std=init_std)
