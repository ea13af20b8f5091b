"""``EncodedVideo``: the documented way to open one video file."""

from __future__ import annotations

from ptv_registry import as_factory
from ptv_video.containers.source import VideoSource
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.video import Video


class EncodedVideo(PyAVVideo):
    """A video file, or the bytes of one; see :class:`PyAVVideo` for the arguments."""

    @classmethod
    def from_path(
        cls, file_path: VideoSource, decode_audio: bool = True, decoder: str = "pyav", *, decode_video: bool = True
    ) -> Video:
        """Opens a video and reads its header.

        Args:
            file_path: path or URI.
            decode_audio: whether clips carry audio.
            decoder: name of a registered decoder.
            decode_video: whether clips carry pictures.

        Raises:
            VideoDecodeError: the file cannot be opened as a video.
        """
        factory = cls if decoder == "pyav" else as_factory("decoder", decoder) or cls
        video: Video = factory(file_path, decode_video=decode_video, decode_audio=decode_audio)
        try:
            _ = video.exact_duration
        except BaseException:
            video.close()
            raise
        return video
