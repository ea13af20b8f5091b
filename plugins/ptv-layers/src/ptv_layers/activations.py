"""What activations need beyond torch's own."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn


class Softmax(nn.Softmax):
    """Softmax over the classes or channels, dimension 1 unless told otherwise.

    ``nn.Softmax`` itself has no usable default dimension, but an activation is called with nothing.

    Args:
        dim: the dimension whose values shall sum to one.
    """

    def __init__(self, dim: int = 1) -> None:
        super().__init__(dim)


def make_activation(activation: Callable[..., nn.Module] | None) -> nn.Module | None:
    """Call a builder of an activation, or return ``None`` for no activation.

    ``nn.Softmax``, which the documentation lists among the options everywhere, is given dimension 1.
    """
    if activation is None:
        return None
    if activation is nn.Softmax:
        return Softmax()
    return activation()
