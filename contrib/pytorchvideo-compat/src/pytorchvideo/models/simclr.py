"""SimCLR."""

from ptv_ssl import SimCLR

__all__ = ["SimCLR"]
