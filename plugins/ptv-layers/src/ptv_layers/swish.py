"""Swish, ``x * sigmoid(x)``."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional


class Swish(nn.Module):
    """The activation ``x * sigmoid(x)``, elementwise on a tensor of any shape.

    Ramachandran, Zoph and Le: "Searching for activation functions", https://arxiv.org/abs/1710.05941
    """

    def __init__(self) -> None:  # nn.Module's own takes anything
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activate ``x``."""
        return functional.silu(x)


class SwishFunction(torch.autograd.Function):
    """``x * sigmoid(x)`` as an autograd function that keeps its input only; ``SwishFunction.apply(x)``.

    :class:`Swish` computes the same with torch's own operator, which can be exported.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """Activate ``x`` and keep it for the gradient."""
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to ``x``."""
        (x,) = ctx.saved_tensors
        gate = torch.sigmoid(x)
        return grad_output * gate * (1 + x * (1 - gate))
