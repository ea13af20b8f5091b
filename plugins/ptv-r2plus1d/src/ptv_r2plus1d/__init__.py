"""R(2+1)D and the bottleneck that it is made of."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_r2plus1d.block import create_2plus1d_bottleneck_block
    from ptv_r2plus1d.model import create_r2plus1d
    from ptv_r2plus1d.published import r2plus1d_r50

__all__ = ["create_2plus1d_bottleneck_block", "create_r2plus1d", "r2plus1d_r50"]

__getattr__, __dir__ = lazy_package(__name__)
