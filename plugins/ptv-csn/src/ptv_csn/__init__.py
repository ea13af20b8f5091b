"""Channel-separated convolutional networks (CSN)."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_csn.model import create_csn
    from ptv_csn.published import csn_r101

__all__ = ["create_csn", "csn_r101"]

__getattr__, __dir__ = lazy_package(__name__)
