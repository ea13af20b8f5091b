"""``open_video``: picks the decoder for a source."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ptv_video.containers.source import VideoSource, local_path, path_manager
from ptv_video.decoder_choice import decoder_for
from ptv_video.decoders.frames import open_frames
from ptv_video.decoders.pyav import PyAVVideo
from ptv_video.slots import Decoder
from ptv_video.video import Seconds, Video


def open_video(
    source: VideoSource | Sequence[str],
    *,
    decoder: Decoder | None = PyAVVideo,
    video_name: str | None = None,
    decode_video: bool = True,
    decode_audio: bool = True,
    fps: Seconds = 30.0,
    multithreaded_io: bool = False,
) -> Video:
    """Opens a folder or a list of images as a :class:`FrameVideo`, and anything else with ``decoder``.

    Args:
        source: see :data:`ptv_video.containers.source.VideoSource`; or a folder of images, or a list of their paths.
        decoder: for encoded video; ``None`` for the one that it asks for (:func:`ptv_video.decoder_choice.decoder_for`).
        video_name: what to call the video.
        decode_video: whether clips carry pictures.
        decode_audio: whether clips carry audio; images have none.
        fps: frames per second of images.
        multithreaded_io: read images in several threads.
    """
    if holds_frames(source):
        return open_frames(
            source,  # type: ignore[arg-type]
            video_name=video_name,
            decode_video=decode_video,
            decode_audio=decode_audio,
            fps=fps,
            multithreaded_io=multithreaded_io,
        )
    if decoder is None:
        decoder = decoder_for(source)  # type: ignore[arg-type]
    named = {} if video_name is None else {"video_name": video_name}
    return decoder(source, decode_video=decode_video, decode_audio=decode_audio, **named)


def holds_frames(source: object) -> bool:
    """Whether the source is a folder, or a list of paths, of images."""
    if isinstance(source, str | os.PathLike):
        try:
            return bool(path_manager.isdir(local_path(os.fspath(source))))
        except NotImplementedError:  # a storage that knows no folders
            return False
    return isinstance(source, Sequence) and not isinstance(source, bytes | bytearray | memoryview)
