"""Pipelines for training and validation."""

from ptv_transforms import create_video_transform

__all__ = ["create_video_transform"]
