"""Which formats FFmpeg may take a file for, and what it may open: a file that holds pictures or sound, and no other.

FFmpeg looks into a file to find its format, whatever its name. Some formats are lists of other files or addresses (HLS,
ffconcat, SDP, DASH), devices, or scripts; and a path may name a protocol (``concat:``, ``http:``). None of these is read.
"""

from __future__ import annotations

import errno
from typing import Any, BinaryIO, Final, cast

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from ptv_registry import limits

#: Of video and audio, as ``ffmpeg -demuxers`` names them; each keeps all that it shows in one file.
VIDEO_FORMATS: Final = [
    "3gp",
    "aa",
    "aac",
    "ac3",
    "aiff",
    "amr",
    "ape",
    "apng",
    "asf",
    "au",
    "av1",
    "avi",
    "avs2",
    "avs3",
    "bink",
    "caf",
    "dirac",
    "dnxhd",
    "dts",
    "dv",
    "dvbtxt",
    "eac3",
    "evc",
    "f4v",
    "flac",
    "flic",
    "flv",
    "gif",
    "gxf",
    "h261",
    "h263",
    "h264",
    "hevc",
    "ivf",
    "ivr",
    "live_flv",
    "m4v",
    "matroska",
    "mjpeg",
    "mjpeg_2000",
    "mov",
    "mp3",
    "mp4",
    "mpeg",
    "mpegts",
    "mpegvideo",
    "mpjpeg",
    "mtv",
    "mv",
    "mxf",
    "nsv",
    "nut",
    "nuv",
    "obu",
    "ogg",
    "oma",
    "pva",
    "rm",
    "roq",
    "smjpeg",
    "smk",
    "swf",
    "tta",
    "ty",
    "vc1",
    "vc1test",
    "viv",
    "vivo",
    "voc",
    "vvc",
    "w64",
    "wav",
    "webm",
    "wtv",
    "wv",
    "yuv4mpegpipe",
    "bmp_pipe",
    "jpeg_pipe",
    "jpegxl_anim",
    "jpegxl_pipe",
    "png_pipe",
    "tiff_pipe",
    "webp_pipe",
]
#: Of single pictures.
IMAGE_FORMATS: Final = [
    "apng",
    "bmp_pipe",
    "dpx_pipe",
    "exr_pipe",
    "gif",
    "gif_pipe",
    "hdr_pipe",
    "ico",
    "j2k_pipe",
    "jpeg_pipe",
    "jpegls_pipe",
    "jpegxl_anim",
    "jpegxl_pipe",
    "mjpeg",
    "mov",
    "pam_pipe",
    "pbm_pipe",
    "pgm_pipe",
    "png_pipe",
    "ppm_pipe",
    "qoi_pipe",
    "sgi_pipe",
    "sunrast_pipe",
    "tiff_pipe",
    "webp_pipe",
]


def limit_pixels(stream: VideoStream) -> None:
    """Has pictures refused that are larger than :data:`ptv_registry.limits.PICTURE_PIXELS`, before memory is taken for them.

    Raises:
        ValueError: the head of the file states such a size.
    """
    context = stream.codec_context
    if context.width * context.height > limits.PICTURE_PIXELS:
        msg = (
            f"its pictures have {context.width}x{context.height} pixels, and {limits.PICTURE_PIXELS / 1e6:g} million are "
            "allowed; ptv_registry.limits.PICTURE_PIXELS allows more"
        )
        raise ValueError(msg)
    context.options = {**context.options, "max_pixels": str(limits.PICTURE_PIXELS)}


def open_input(source: str | BinaryIO, formats: list[str], *, buffer_size: int = 1 << 15) -> InputContainer:
    """Opens a local file, or a binary file object, as one of these formats.

    Args:
        source: a path of this machine, in which nothing is a protocol; or an open file.
        formats: :data:`VIDEO_FORMATS` or :data:`IMAGE_FORMATS`.
        buffer_size: bytes that are read at once.

    Raises:
        av.FFmpegError: it cannot be opened.
        ValueError: it is of another format; the message says so.
    """
    target: Any = f"file:{source}" if isinstance(source, str) else source
    # Files are opened by one protocol, and what a format would like to open besides by none.
    options = {
        "format_whitelist": ",".join(formats),
        "protocol_whitelist": "file" if isinstance(source, str) else "none",
    }
    try:
        container = av.open(target, "r", metadata_errors="ignore", buffer_size=buffer_size, options=options)
    except av.FFmpegError as error:
        if error.errno == errno.EINVAL:
            msg = (
                "is damaged, or of a format that is not read, because it is neither a video nor an image, or because it names other files "
                "or addresses (a playlist, a list of parts, a description of a session)"
            )
            raise ValueError(msg) from error
        raise
    return cast(InputContainer, container)
