"""Non-parametric instance discrimination with a memory bank."""

from ptv_ssl import MemoryBank

__all__ = ["MemoryBank"]
