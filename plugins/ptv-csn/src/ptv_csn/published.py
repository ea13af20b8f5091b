"""The published CSN: :func:`ptv_csn.create_csn` with a row of arguments, all of which may be given anew."""

from __future__ import annotations

from functools import partial
from typing import Final

from torch import nn

from ptv_csn.model import create_csn
from ptv_csn.weights import CLIPS, CSN_R101
from ptv_layers.clip_input import takes_clips
from ptv_layers.published_weights import has_weights

csn_r101: Final = partial(create_csn, model_depth=101, stem_pool=nn.MaxPool3d, head_pool_kernel_size=(4, 7, 7))
csn_r101.__doc__ = "Build ir-CSN-101, 32 frames x stride 2; published for clips (B, 3, 32, 256, 256)."
has_weights(*CSN_R101)(takes_clips(CLIPS)(csn_r101))
