"""Channel-separated convolutional networks (CSN)."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

if TYPE_CHECKING:
    from ptv_csn.model import create_csn
    from ptv_csn.published import csn_r101

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "create_csn": "ptv_csn.model",
    "csn_r101": "ptv_csn.published",
}

__all__ = ["create_csn", "csn_r101"]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
