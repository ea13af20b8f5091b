"""What ptv-torchcodec reports to ``ptv doctor``. Loading hooks imports no torch."""

from __future__ import annotations

from ptv_registry import hookimpl


@hookimpl
def ptv_doctor() -> dict[str, str]:
    """TorchCodec's version and that of the FFmpeg it found, or why it does not load."""
    from ptv_torchcodec.availability import require_torchcodec
    from ptv_video import DecoderUnavailableError

    try:
        require_torchcodec()
    except DecoderUnavailableError as error:
        return {"torchcodec": str(error)}
    import torchcodec

    return {"torchcodec": f"{torchcodec.__version__} with FFmpeg {torchcodec.ffmpeg_major_version}"}
