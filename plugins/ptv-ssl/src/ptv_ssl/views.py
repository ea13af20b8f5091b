"""Checks of two views of a batch and of the temperature of their comparison."""

from __future__ import annotations

import torch

from ptv_registry.errors import ArgumentError


def check_views(x1: torch.Tensor, x2: torch.Tensor) -> None:
    """Refuse views that do not belong to the same samples.

    Raises:
        ArgumentError: they differ in number.
    """
    if len(x1) != len(x2):
        msg = f"the views have {len(x1)} and {len(x2)} samples: row i of both must be of the same sample"
        raise ArgumentError(msg, argument="x2", value=len(x2))


def checked_temperature(temperature: float) -> float:
    """The temperature, validated.

    Raises:
        ArgumentError: it is not positive.
    """
    if not temperature > 0:
        msg = f"temperature={temperature!r} must be positive"
        raise ArgumentError(msg, argument="temperature", value=temperature)
    return temperature
