"""Weight initialisation of residual networks."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

_Module = TypeVar("_Module", bound=nn.Module)


@torch.no_grad()
def init_resnet_weights(module: _Module, *, fc_init_std: float = 0.01) -> _Module:
    """Initialise a freshly built module, in place, as residual networks are trained from scratch.

    Convolutions get Kaiming-normal weights over their outputs (https://arxiv.org/abs/1502.01852) and no bias, linear
    layers a normal distribution. The last norm of each bottleneck (marked ``block_final_bn``) starts at zero, so that
    every residual block starts as its shortcut.

    Args:
        module: what a builder has just made; never modules that were handed in.
        fc_init_std: standard deviation of the weights of linear layers.

    Returns:
        The module.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Conv3d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=fc_init_std)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif getattr(part, "block_final_bn", False):
            weight = getattr(part, "weight", None)
            if isinstance(weight, nn.Parameter):
                nn.init.zeros_(weight)
    return module
