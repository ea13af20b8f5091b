"""Weight initialisation."""

from __future__ import annotations

from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import init_resnet_weights

__all__ = ["init_net_weights"]


def init_net_weights(model: nn.Module, init_std: float = 0.01, style: str = "resnet") -> nn.Module:
    """Initialise a residual network, in place.

    Args:
        model: what a builder has just made.
        init_std: standard deviation of the weights of linear layers.
        style: ``"resnet"``. A vision transformer initialises itself where it is made.

    Raises:
        ArgumentError: the style is unknown.
    """
    if style != "resnet":
        raise ArgumentError(
            f"style={style!r} must be 'resnet'; the builders of vision transformers initialise what they make"
        )
    return init_resnet_weights(model, fc_init_std=init_std)
