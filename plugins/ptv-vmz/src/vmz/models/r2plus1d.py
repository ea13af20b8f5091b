"""R(2+1)D."""

from ptv_vmz.published import r2plus1d_34, r2plus1d_152

__all__ = ["r2plus1d_34", "r2plus1d_152"]
