"""Manifests of videos."""

from ptv_datasets import EncodedVideoInfo, VideoClipInfo, VideoDatasetType, VideoFrameInfo, VideoInfo

__all__ = ["EncodedVideoInfo", "VideoClipInfo", "VideoDatasetType", "VideoFrameInfo", "VideoInfo"]
