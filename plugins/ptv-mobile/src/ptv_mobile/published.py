"""The published EfficientX3Ds: each is :class:`ptv_mobile.EfficientX3d` with a row of arguments, which may be given anew."""

from __future__ import annotations

from functools import partial
from typing import Final

from ptv_layers.clip_input import ClipInput, takes_clips
from ptv_mobile.model import EfficientX3d

efficient_x3d_xs: Final = partial(EfficientX3d, expansion="XS")
efficient_x3d_xs.__doc__ = "Build EfficientX3D-XS, 4 frames x stride 12; published for clips (B, 3, 4, 160, 160)."
takes_clips(ClipInput(4, 12, side=160, crop=160))(efficient_x3d_xs)

efficient_x3d_s: Final = partial(EfficientX3d, expansion="S")
efficient_x3d_s.__doc__ = "Build EfficientX3D-S, 13 frames x stride 6; published for clips (B, 3, 13, 160, 160)."
takes_clips(ClipInput(13, 6, side=160, crop=160))(efficient_x3d_s)
