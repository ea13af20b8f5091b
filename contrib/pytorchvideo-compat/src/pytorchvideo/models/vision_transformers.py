"""Multiscale vision transformers."""

from ptv_mvit import MultiscaleVisionTransformers, create_multiscale_vision_transformers

__all__ = ["MultiscaleVisionTransformers", "create_multiscale_vision_transformers"]
