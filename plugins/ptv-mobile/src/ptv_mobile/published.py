"""The published EfficientX3Ds: each is :class:`ptv_mobile.EfficientX3d` with a row of arguments, which may be given anew."""

from __future__ import annotations

from typing import Final

from ptv_cards.variant import variant
from ptv_mobile.model import EfficientX3d
from ptv_mobile.weights import EFFICIENT_X3D_S, EFFICIENT_X3D_XS, S_CLIPS, XS_CLIPS

efficient_x3d_xs: Final = variant(
    "efficient_x3d_xs",
    EfficientX3d,
    "Build EfficientX3D-XS, 4 frames x stride 12; published for clips (B, 3, 4, 160, 160).",
    clips=XS_CLIPS,
    weights=EFFICIENT_X3D_XS,
    row={"expansion": "XS"},
)

efficient_x3d_s: Final = variant(
    "efficient_x3d_s",
    EfficientX3d,
    "Build EfficientX3D-S, 13 frames x stride 6; published for clips (B, 3, 13, 160, 160).",
    clips=S_CLIPS,
    weights=EFFICIENT_X3D_S,
    row={"expansion": "S"},
)
