"""Self-supervised learning from two views, or from a memory of the training set, and losses for it."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_ssl.byol import BYOL
    from ptv_ssl.gathering import gather_rows
    from ptv_ssl.memory_bank import MemoryBank, MemoryBankSizeError
    from ptv_ssl.moco import MoCoV2
    from ptv_ssl.ntxent import NTXentLoss
    from ptv_ssl.simclr import SimCLR
    from ptv_ssl.soft_target_cross_entropy import SoftTargetCrossEntropyLoss

__all__ = [
    "BYOL",
    "MemoryBank",
    "MemoryBankSizeError",
    "MoCoV2",
    "NTXentLoss",
    "SimCLR",
    "SoftTargetCrossEntropyLoss",
    "gather_rows",
]

__getattr__, __dir__ = lazy_package(__name__)
