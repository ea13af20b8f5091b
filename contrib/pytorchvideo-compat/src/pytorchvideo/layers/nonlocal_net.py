"""Non-local blocks."""

from ptv_layers import NonLocal, create_nonlocal

__all__ = ["NonLocal", "create_nonlocal"]
