"""Whether TorchCodec and the FFmpeg libraries that it needs are there."""

from __future__ import annotations

from functools import cache
from typing import Any

from ptv_video import DecoderUnavailableError


def require_torchcodec() -> None:
    """Does nothing if TorchCodec loads.

    Raises:
        DecoderUnavailableError: it does not; says what to install, or that ``pyav`` needs nothing.
    """
    decoder_class()


@cache
def decoder_class() -> Any:
    """``torchcodec.decoders.VideoDecoder``; raises as :func:`require_torchcodec`."""
    try:
        from torchcodec.decoders import VideoDecoder
    except ModuleNotFoundError as error:
        msg = "the decoder 'torchcodec' needs TorchCodec: pip install torchcodec; the decoder 'pyav' needs nothing more"
        raise DecoderUnavailableError(msg) from error
    except (ImportError, OSError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        msg = (
            "the decoder 'torchcodec' needs the shared libraries of FFmpeg 4 to 8, and they do not load; install FFmpeg "
            "(Debian and Ubuntu: apt-get install ffmpeg; conda: conda install ffmpeg), and a TorchCodec made for this "
            f"torch; the decoder 'pyav' brings its own FFmpeg. The cause: {reason}"
        )
        raise DecoderUnavailableError(msg) from error
    return VideoDecoder
