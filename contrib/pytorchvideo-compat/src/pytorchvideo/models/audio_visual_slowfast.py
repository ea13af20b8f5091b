"""Audiovisual SlowFast."""

from ptv_multimodal import AudioToSlowFastFusionBuilder, FuseAudioToFastSlow, create_audio_visual_slowfast

__all__ = ["AudioToSlowFastFusionBuilder", "FuseAudioToFastSlow", "create_audio_visual_slowfast"]
