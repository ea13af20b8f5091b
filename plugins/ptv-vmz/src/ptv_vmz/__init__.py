"""The models of VMZ and the filters, stems and blocks that they are made of."""

from typing import TYPE_CHECKING, Final

from ptv_registry.lazy import lazy_names

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

# Imported at the first use, for those who read the tables of published weights do without torch.
_HOMES: Final = {
    "AVAIL_PRETRAININGS": "ptv_vmz.pretraining",
    "PretrainingUnavailableError": "ptv_vmz.pretraining",
    "VMZBlock": "ptv_vmz.block",
    "VideoResNet": "ptv_vmz.model",
    "create_filter_2d": "ptv_vmz.filters",
    "create_filter_2plus1d": "ptv_vmz.filters",
    "create_filter_3d": "ptv_vmz.filters",
    "create_interaction_preserved_filter": "ptv_vmz.filters",
    "create_interaction_reduced_filter": "ptv_vmz.filters",
    "create_vmz_2plus1d_stem": "ptv_vmz.stem",
    "create_vmz_basic_block": "ptv_vmz.block",
    "create_vmz_bottleneck_block": "ptv_vmz.block",
    "create_vmz_resnet": "ptv_vmz.model",
    "create_vmz_stem": "ptv_vmz.stem",
    "ip_csn_152": "ptv_vmz.published",
    "ir_csn_152": "ptv_vmz.published",
    "mc2_18": "ptv_vmz.published",
    "mc3_18": "ptv_vmz.published",
    "mc4_18": "ptv_vmz.published",
    "mc5_18": "ptv_vmz.published",
    "r2plus1d_18": "ptv_vmz.published",
    "r2plus1d_34": "ptv_vmz.published",
    "r2plus1d_152": "ptv_vmz.published",
    "r3d_18": "ptv_vmz.published",
}

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

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
