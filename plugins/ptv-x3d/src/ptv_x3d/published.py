"""The published X3Ds: each is :func:`ptv_x3d.create_x3d` with a row of arguments, all of which may be given anew."""

from __future__ import annotations

from functools import partial
from typing import Final

from ptv_layers.clip_input import takes_clips
from ptv_layers.published_weights import has_weights
from ptv_x3d.model import create_x3d
from ptv_x3d.weights import L_CLIPS, M_CLIPS, S_CLIPS, X3D_L, X3D_M, X3D_S, X3D_XS, XS_CLIPS

x3d_xs: Final = partial(create_x3d, input_clip_length=4, input_crop_size=160, head_activation=None)
x3d_xs.__doc__ = "Build X3D-XS, 4 frames x stride 12; published for clips (B, 3, 4, 182, 182)."
has_weights(*X3D_XS)(takes_clips(XS_CLIPS)(x3d_xs))

x3d_s: Final = partial(create_x3d, input_clip_length=13, input_crop_size=160, head_activation=None)
x3d_s.__doc__ = "Build X3D-S, 13 frames x stride 6; published for clips (B, 3, 13, 182, 182)."
has_weights(*X3D_S)(takes_clips(S_CLIPS)(x3d_s))

x3d_m: Final = partial(create_x3d, input_clip_length=16, input_crop_size=224, head_activation=None)
x3d_m.__doc__ = "Build X3D-M, 16 frames x stride 5; published for clips (B, 3, 16, 256, 256)."
has_weights(*X3D_M)(takes_clips(M_CLIPS)(x3d_m))

x3d_l: Final = partial(create_x3d, input_clip_length=16, input_crop_size=312, depth_factor=5.0, head_activation=None)
x3d_l.__doc__ = "Build X3D-L, 16 frames x stride 5; published for clips (B, 3, 16, 356, 356)."
has_weights(*X3D_L)(takes_clips(L_CLIPS)(x3d_l))
