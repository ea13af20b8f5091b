"""R(2+1)D and the bottleneck that it is made of."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
