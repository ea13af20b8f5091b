"""Audiovisual SlowFast."""

from ptv_multimodal import AudioToSlowFastFusionBuilder, FuseAudioToFastSlow, create_audio_visual_slowfast
from ptv_resnet import (
    create_acoustic_bottleneck_block,
    create_acoustic_res_basic_stem,
    create_bottleneck_block,
    create_res_basic_stem,
)
from ptv_slowfast import create_slowfast
from pytorchvideo.layers.utils import set_attributes

__all__ = [
    "AudioToSlowFastFusionBuilder",
    "FuseAudioToFastSlow",
    "create_acoustic_bottleneck_block",
    "create_acoustic_res_basic_stem",
    "create_audio_visual_slowfast",
    "create_bottleneck_block",
    "create_res_basic_stem",
    "create_slowfast",
    "set_attributes",
]
