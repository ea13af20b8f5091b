"""Stochastic depth."""

from ptv_layers import DropPath

__all__ = ["DropPath"]
