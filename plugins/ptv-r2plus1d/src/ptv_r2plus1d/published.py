"""The published R(2+1)D: :func:`ptv_r2plus1d.create_r2plus1d` with a row of arguments, all of which may be given anew."""

from __future__ import annotations

from typing import Final

from ptv_cards.variant import variant
from ptv_r2plus1d.model import create_r2plus1d
from ptv_r2plus1d.weights import CLIPS, R2PLUS1D_R50

r2plus1d_r50: Final = variant(
    "r2plus1d_r50",
    create_r2plus1d,
    "Build R(2+1)D-50, 16 frames x stride 4; published for clips (B, 3, 16, 256, 256).",
    clips=CLIPS,
    weights=R2PLUS1D_R50,
    row={"model_depth": 50, "dropout_rate": 0.5},
)
