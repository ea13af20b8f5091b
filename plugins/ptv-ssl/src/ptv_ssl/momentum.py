"""Encoders that follow another one slowly."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import nn

from ptv_registry.errors import ArgumentError

_Module = TypeVar("_Module", bound=nn.Module)


def checked_momentum(mmt: float) -> float:
    """The momentum, validated.

    Raises:
        ArgumentError: it is not between 0 and 1.
    """
    if not 0 <= mmt <= 1:
        msg = f"mmt={mmt!r} must be from 0 (follow at once) to 1 (never change)"
        raise ArgumentError(msg, argument="mmt", value=mmt)
    return mmt


def follower_of(encoder: _Module) -> _Module:
    """A copy of the encoder that no optimizer trains."""
    return copy.deepcopy(encoder).requires_grad_(False)


@torch.no_grad()
def follow(follower: nn.Module, encoder: nn.Module, mmt: float) -> None:
    """Move each parameter of the follower to ``mmt * its own + (1 - mmt) * the encoder's``."""
    for slow, fast in zip(follower.parameters(), encoder.parameters(), strict=True):
        slow.mul_(mmt).add_(fast, alpha=1 - mmt)
