"""ptv_video: clips of video by presentation time, from files, URIs, bytes and frame folders."""

from ptv_video.errors import ClipRangeError, DecoderUnavailableError, VideoDecodeError
from ptv_video.pyav import PyAVVideo
from ptv_video.slots import Decoder
from ptv_video.source import path_manager
from ptv_video.video import Video

__all__ = ["ClipRangeError", "Decoder", "DecoderUnavailableError", "PyAVVideo", "Video", "VideoDecodeError", "path_manager"]
