"""The published EfficientX3Ds: each is :class:`ptv_mobile.EfficientX3d` with a row of arguments, each of which can be overridden."""

from __future__ import annotations

from typing import Final

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_mobile.model import EfficientX3d

TABLE: Final = published_models("ptv_mobile")

efficient_x3d_xs: Final = variant(
    "efficient_x3d_xs",
    EfficientX3d,
    "Build EfficientX3D-XS, 4 frames x stride 12; published for clips (B, 3, 4, 160, 160).",
    table=TABLE,
    row={"expansion": "XS"},
)

efficient_x3d_s: Final = variant(
    "efficient_x3d_s",
    EfficientX3d,
    "Build EfficientX3D-S, 13 frames x stride 6; published for clips (B, 3, 13, 160, 160).",
    table=TABLE,
    row={"expansion": "S"},
)
