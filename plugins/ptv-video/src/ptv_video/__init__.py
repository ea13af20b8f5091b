"""ptv_video: clips of video by presentation time, from files, URIs, bytes and frame folders."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_video.containers.source import path_manager
    from ptv_video.decoders.frames import FrameVideo, open_frames
    from ptv_video.decoders.images import read_image, read_images
    from ptv_video.decoders.pyav import PyAVVideo
    from ptv_video.encoded_video import EncodedVideo
    from ptv_video.errors import ClipRangeError, DecoderUnavailableError, VideoDecodeError
    from ptv_video.opening import open_video
    from ptv_video.slots import Decoder
    from ptv_video.video import Video
    from ptv_video.writing import VideoWriter, write_video

__all__ = [
    "ClipRangeError",
    "Decoder",
    "DecoderUnavailableError",
    "EncodedVideo",
    "FrameVideo",
    "PyAVVideo",
    "Video",
    "VideoDecodeError",
    "VideoWriter",
    "open_frames",
    "open_video",
    "path_manager",
    "read_image",
    "read_images",
    "write_video",
]

__getattr__, __dir__ = lazy_package(__name__)
