"""Errors raised for PySlowFast's configurations."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class ConfigError(PtvError, ValueError):
    """A configuration has a key that PySlowFast does not know, or a value of another type."""


class NoCounterpartError(PtvError, ValueError):
    """A configuration asks for something that has no counterpart here; what it is and what to do instead."""
