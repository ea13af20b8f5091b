"""The models of VMZ: ``from vmz.models import ir_csn_152``."""

from ptv_vmz.published import ip_csn_152, ir_csn_152, r2plus1d_34, r2plus1d_152

__all__ = ["ip_csn_152", "ir_csn_152", "r2plus1d_34", "r2plus1d_152"]
