"""The published R(2+1)D: :func:`ptv_r2plus1d.create_r2plus1d` with a row of arguments, each of which can be overridden."""

from __future__ import annotations

from typing import Final

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_r2plus1d.model import create_r2plus1d

TABLE: Final = published_models("ptv_r2plus1d")

r2plus1d_r50: Final = variant(
    "r2plus1d_r50",
    create_r2plus1d,
    "Build R(2+1)D-50, 16 frames x stride 4; published for clips (B, 3, 16, 256, 256).",
    table=TABLE,
    row={"model_depth": 50, "dropout_rate": 0.5},
)
