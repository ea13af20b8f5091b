"""The published models, as torch hub names them."""

from pytorchvideo.models.hub.csn import csn_r101
from pytorchvideo.models.hub.efficient_x3d_mobile_cpu import efficient_x3d_s, efficient_x3d_xs
from pytorchvideo.models.hub.r2plus1d import r2plus1d_r50
from pytorchvideo.models.hub.resnet import c2d_r50, i3d_r50, slow_r50, slow_r50_detection
from pytorchvideo.models.hub.slowfast import (
    slowfast_16x8_r101_50_50,
    slowfast_r50,
    slowfast_r50_detection,
    slowfast_r101,
)
from pytorchvideo.models.hub.vision_transformers import mvit_base_16, mvit_base_16x4, mvit_base_32x3
from pytorchvideo.models.hub.x3d import x3d_l, x3d_m, x3d_s, x3d_xs

__all__ = [
    "c2d_r50",
    "csn_r101",
    "efficient_x3d_s",
    "efficient_x3d_xs",
    "i3d_r50",
    "mvit_base_16",
    "mvit_base_16x4",
    "mvit_base_32x3",
    "r2plus1d_r50",
    "slow_r50",
    "slow_r50_detection",
    "slowfast_16x8_r101_50_50",
    "slowfast_r50",
    "slowfast_r50_detection",
    "slowfast_r101",
    "x3d_l",
    "x3d_m",
    "x3d_s",
    "x3d_xs",
]
