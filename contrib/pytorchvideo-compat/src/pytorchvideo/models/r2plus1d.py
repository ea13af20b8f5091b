"""R(2+1)D."""

from ptv_r2plus1d import create_2plus1d_bottleneck_block, create_r2plus1d

__all__ = ["create_2plus1d_bottleneck_block", "create_r2plus1d"]
