"""Datasets whose annotations are one JSON object, with a key per video."""

from ptv_datasets import clip_recognition_dataset, video_only_dataset

__all__ = ["clip_recognition_dataset", "video_only_dataset"]
