"""Squeeze and excitation."""

from ptv_layers import SqueezeAndExcitationLayer2D, SqueezeExcitation, create_audio_2d_squeeze_excitation_block

__all__ = ["SqueezeAndExcitationLayer2D", "SqueezeExcitation", "create_audio_2d_squeeze_excitation_block"]
