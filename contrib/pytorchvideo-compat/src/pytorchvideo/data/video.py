"""What every decoder returns, and how paths become videos."""

from __future__ import annotations

import os
from typing import Any

from ptv_video import Video
from ptv_video.containers.source import local_path, path_manager
from pytorchvideo.data.encoded_video import EncodedVideo, VideoNotFoundError

__all__ = ["Video", "VideoPathHandler"]


class VideoPathHandler:
    """Opens videos: folders as frames, anything else as encoded.

    Attributes:
        path_order_cache: the sorted images of the folders that were opened.
    """

    def __init__(self) -> None:
        self.path_order_cache: dict[str, list[str]] = {}

    def video_from_path(
        self,
        filepath: str | os.PathLike[str],
        decode_video: bool = True,
        decode_audio: bool = False,
        decoder: Any = "pyav",
        fps: Any = 30,
    ) -> Video:
        """Open a video.

        Args:
            filepath: path or URI of a file, or of a folder of images.
            decode_video: whether clips carry pictures.
            decode_audio: whether clips carry sound; images have none.
            decoder: of encoded video.
            fps: frames per second of images.

        Raises:
            VideoNotFoundError: no such file or folder.
        """
        from pytorchvideo.data.frame_video import FrameVideo

        path = local_path(os.fspath(filepath))
        try:
            is_file, is_folder = path_manager.isfile(path), path_manager.isdir(path)
        except NotImplementedError:  # a storage that knows neither
            is_file, is_folder = True, False
        if is_file:
            return EncodedVideo.from_path(path, decode_video=decode_video, decode_audio=decode_audio, decoder=decoder)
        if is_folder:
            return FrameVideo.from_directory(path, fps, path_order_cache=self.path_order_cache)
        raise VideoNotFoundError(f"{filepath} not found: no such file or folder")
