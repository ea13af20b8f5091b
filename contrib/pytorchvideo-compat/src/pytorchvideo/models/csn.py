"""Channel-separated convolutional networks."""

from ptv_csn import create_csn

__all__ = ["create_csn"]
