"""Swish."""

from ptv_layers import Swish, SwishFunction

__all__ = ["Swish", "SwishFunction"]
