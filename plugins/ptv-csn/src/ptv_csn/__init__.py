"""Channel-separated convolutional networks (CSN)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ptv_csn.model import create_csn
    from ptv_csn.published import csn_r101

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "create_csn": "ptv_csn.model",
    "csn_r101": "ptv_csn.published",
}

__all__ = ["create_csn", "csn_r101"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
