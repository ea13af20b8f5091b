"""The published CSN: :func:`ptv_csn.create_csn` with a row of arguments, each of which can be overridden."""

from __future__ import annotations

from typing import Final

from torch import nn

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_csn.model import create_csn

TABLE: Final = published_models("ptv_csn")

csn_r101: Final = variant(
    "csn_r101",
    create_csn,
    "Build ir-CSN-101, 32 frames x stride 2; published for clips (B, 3, 32, 256, 256).",
    table=TABLE,
    row={"model_depth": 101, "stem_pool": nn.MaxPool3d, "head_pool_kernel_size": (4, 7, 7)},
)
