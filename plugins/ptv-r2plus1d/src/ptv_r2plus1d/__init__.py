"""R(2+1)D and the bottleneck that it is made of."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ptv_r2plus1d.block import create_2plus1d_bottleneck_block
    from ptv_r2plus1d.model import create_r2plus1d
    from ptv_r2plus1d.published import r2plus1d_r50

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "create_2plus1d_bottleneck_block": "ptv_r2plus1d.block",
    "create_r2plus1d": "ptv_r2plus1d.model",
    "r2plus1d_r50": "ptv_r2plus1d.published",
}

__all__ = ["create_2plus1d_bottleneck_block", "create_r2plus1d", "r2plus1d_r50"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
