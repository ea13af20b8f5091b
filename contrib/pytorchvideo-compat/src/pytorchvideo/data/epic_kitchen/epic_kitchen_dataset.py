"""What the datasets of Epic-Kitchens-55 have in common."""

from ptv_datasets import ActionData, EncodedVideoInfo, EpicKitchenDataset, VideoFrameInfo, VideoInfo

__all__ = ["ActionData", "EncodedVideoInfo", "EpicKitchenDataset", "VideoFrameInfo", "VideoInfo"]
