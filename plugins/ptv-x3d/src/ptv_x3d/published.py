"""The published X3Ds: each is :func:`ptv_x3d.create_x3d` with a row of arguments, each of which can be overridden."""

from __future__ import annotations

from typing import Final

from ptv_cards.published_weights import published_models
from ptv_cards.variant import variant
from ptv_x3d.model import create_x3d

TABLE: Final = published_models("ptv_x3d")

x3d_xs: Final = variant(
    "x3d_xs",
    create_x3d,
    "Build X3D-XS, 4 frames x stride 12; published for clips (B, 3, 4, 182, 182).",
    table=TABLE,
    row={"input_clip_length": 4, "input_crop_size": 160, "head_activation": None},
)

x3d_s: Final = variant(
    "x3d_s",
    create_x3d,
    "Build X3D-S, 13 frames x stride 6; published for clips (B, 3, 13, 182, 182).",
    table=TABLE,
    row={"input_clip_length": 13, "input_crop_size": 160, "head_activation": None},
)

x3d_m: Final = variant(
    "x3d_m",
    create_x3d,
    "Build X3D-M, 16 frames x stride 5; published for clips (B, 3, 16, 256, 256).",
    table=TABLE,
    row={"input_clip_length": 16, "input_crop_size": 224, "head_activation": None},
)

x3d_l: Final = variant(
    "x3d_l",
    create_x3d,
    "Build X3D-L, 16 frames x stride 5; published for clips (B, 3, 16, 356, 356).",
    table=TABLE,
    row={"input_clip_length": 16, "input_crop_size": 312, "depth_factor": 5.0, "head_activation": None},
)
