"""The activations of efficient blocks, and how a block makes the one it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import torch
from torch import nn

import ptv_layers.swish
from ptv_cards.scores import gives_scores
from ptv_layers.activations import make_activation
from ptv_mobile.block_base import EfficientBlock
from ptv_registry import Slot
from ptv_registry.errors import ArgumentError


class _Activation(EfficientBlock):
    """An activation that is the same in both forms; a subclass sets ``act``."""

    if TYPE_CHECKING:  # TorchScript reads the annotations of a class, and knows none of modules
        act: nn.Module

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Change nothing but the flag: an activation takes any size."""
        self.begin_conversion()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activate a tensor of any shape."""
        return self.act(x)

    def time_first(self, x: torch.Tensor) -> torch.Tensor:
        """The same, for clips (B, T, C, H, W)."""
        return self.act(x)


class _NaiveSwish(nn.Module):
    """Swish of two operators that every runtime has."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(x)


class Swish(_Activation):
    """Swish, ``x * sigmoid(x)``; in its deployable form of just these two operators."""

    def __init__(self) -> None:
        super().__init__()
        self.act: nn.Module = ptv_layers.swish.Swish()

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Write the activation out as a product."""
        self.begin_conversion()
        self.act = _NaiveSwish()


class HardSwish(_Activation):
    """Hard swish, ``x * relu6(x + 3) / 6``: cheaper than swish on a phone, above all in int8."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.Hardswish()


class ReLU(_Activation):
    """Rectified linear unit."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU()


@gives_scores("logits")
class Identity(_Activation):
    """No activation."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.Identity()


supported_act_functions: Final[dict[str, type[EfficientBlock]]] = {
    "relu": ReLU,
    "swish": Swish,
    "hswish": HardSwish,
    "identity": Identity,
}

NamedActivation = Annotated[str | Callable[..., nn.Module] | None, Slot("activation")]
"""An activation by its name in :data:`supported_act_functions`, or what makes one, or ``None`` for none."""


def make_act(activation: str | Callable[..., nn.Module] | None, argument: str = "activation") -> nn.Module:
    """Make the activation of a block.

    Raises:
        ArgumentError: a name that is not one of :data:`supported_act_functions`; the message calls it ``argument``.
    """
    if isinstance(activation, str):
        if activation not in supported_act_functions:
            known = ", ".join(supported_act_functions)
            msg = f"{argument}={activation!r} is not one of {known}; use one of them or give what makes the activation"
            raise ArgumentError(msg, argument=argument, value=activation)
        return supported_act_functions[activation]()
    return make_activation(activation) or Identity()
