"""The models of VMZ and the filters, stems and blocks that they are made of."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_vmz.block import VMZBlock, create_vmz_basic_block, create_vmz_bottleneck_block
    from ptv_vmz.filters import (
        create_filter_2d,
        create_filter_2plus1d,
        create_filter_3d,
        create_interaction_preserved_filter,
        create_interaction_reduced_filter,
    )
    from ptv_vmz.model import VideoResNet, create_vmz_resnet
    from ptv_vmz.pretraining import AVAIL_PRETRAININGS, PretrainingUnavailableError
    from ptv_vmz.published import (
        ip_csn_152,
        ir_csn_152,
        mc2_18,
        mc3_18,
        mc4_18,
        mc5_18,
        r2plus1d_18,
        r2plus1d_34,
        r2plus1d_152,
        r3d_18,
    )
    from ptv_vmz.stem import create_vmz_2plus1d_stem, create_vmz_stem

__all__ = [
    "AVAIL_PRETRAININGS",
    "PretrainingUnavailableError",
    "VMZBlock",
    "VideoResNet",
    "create_filter_2d",
    "create_filter_2plus1d",
    "create_filter_3d",
    "create_interaction_preserved_filter",
    "create_interaction_reduced_filter",
    "create_vmz_2plus1d_stem",
    "create_vmz_basic_block",
    "create_vmz_bottleneck_block",
    "create_vmz_resnet",
    "create_vmz_stem",
    "ip_csn_152",
    "ir_csn_152",
    "mc2_18",
    "mc3_18",
    "mc4_18",
    "mc5_18",
    "r2plus1d_18",
    "r2plus1d_34",
    "r2plus1d_152",
    "r3d_18",
]

__getattr__, __dir__ = lazy_package(__name__)
