"""Squeeze and excitation."""

from ptv_layers import SqueezeAndExcitationLayer2D, SqueezeExcitation, create_audio_2d_squeeze_excitation_block
from ptv_resnet import ResBlock

__all__ = ["ResBlock", "SqueezeAndExcitationLayer2D", "SqueezeExcitation", "create_audio_2d_squeeze_excitation_block"]
