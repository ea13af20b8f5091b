"""Channel-separated convolutional networks (CSN)."""

from ptv_csn.model import create_csn
from ptv_csn.published import csn_r101

__all__ = ["create_csn", "csn_r101"]
