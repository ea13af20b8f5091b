"""Channel-separated networks."""

from ptv_vmz.published import ip_csn_152, ir_csn_152

__all__ = ["ip_csn_152", "ir_csn_152"]
