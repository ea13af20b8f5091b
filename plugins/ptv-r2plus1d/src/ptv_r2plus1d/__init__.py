"""R(2+1)D and the bottleneck that it is made of."""

from ptv_r2plus1d.block import create_2plus1d_bottleneck_block
from ptv_r2plus1d.model import create_r2plus1d
from ptv_r2plus1d.published import r2plus1d_r50

__all__ = ["create_2plus1d_bottleneck_block", "create_r2plus1d", "r2plus1d_r50"]
