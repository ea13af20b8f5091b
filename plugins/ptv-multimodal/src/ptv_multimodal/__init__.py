"""Networks of several modalities: masked multi-stream networks and audiovisual SlowFast."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_multimodal.attention import TransposeMultiheadAttention
    from ptv_multimodal.fusion import (
        AudioToSlowFastFusionBuilder,
        FuseAudioToFastSlow,
        create_audio_to_slow_fast_fusion,
    )
    from ptv_multimodal.lstm import LSTM
    from ptv_multimodal.masked_default import LearnMaskedDefault
    from ptv_multimodal.model import create_audio_visual_slowfast
    from ptv_multimodal.multi_pathway import MaskedMultiPathWay
    from ptv_multimodal.sequential import MaskedSequential, create_masked_sequential
    from ptv_multimodal.temporal_pooling import MaskedTemporalPooling
    from ptv_multimodal.transformer_encoder import TransposeTransformerEncoder

__all__ = [
    "LSTM",
    "AudioToSlowFastFusionBuilder",
    "FuseAudioToFastSlow",
    "LearnMaskedDefault",
    "MaskedMultiPathWay",
    "MaskedSequential",
    "MaskedTemporalPooling",
    "TransposeMultiheadAttention",
    "TransposeTransformerEncoder",
    "create_audio_to_slow_fast_fusion",
    "create_audio_visual_slowfast",
    "create_masked_sequential",
]

__getattr__, __dir__ = lazy_package(__name__)
