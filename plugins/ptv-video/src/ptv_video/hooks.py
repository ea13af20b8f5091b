"""What ptv-video answers: the decoder of a file, and its versions for ``ptv doctor``. Loading hooks imports no torch."""

from __future__ import annotations

from typing import Final

from ptv_registry import hookimpl

#: Container signatures: (offset, bytes).
_SIGNATURES: Final = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (4, b"wide"),
    (4, b"free"),
    (0, b"\x1aE\xdf\xa3"),  # Matroska, WebM
    (8, b"AVI "),
    (0, b"OggS"),
    (0, b"FLV\x01"),
    (0, b"\x30\x26\xb2\x75"),  # ASF, WMV
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream
    (0, b"\x00\x00\x01\xb3"),  # MPEG video
    (0, b"GIF8"),
)

_TS_PACKET: Final = 188


@hookimpl(trylast=True)  # who knows a special kind of file is asked first
def ptv_guess_decoder(uri: str, head: bytes) -> str | None:
    """``pyav`` for the usual containers, ``frames`` for a folder."""
    if any(head[offset : offset + len(magic)] == magic for offset, magic in _SIGNATURES):
        return "pyav"
    if len(head) > _TS_PACKET and head[0] == head[_TS_PACKET] == 0x47:
        return "pyav"
    if not head:
        from ptv_video.opening import holds_frames

        return "frames" if holds_frames(uri) else None
    return None


@hookimpl
def ptv_doctor() -> dict[str, str]:
    """The versions of PyAV and of the FFmpeg inside it."""
    import av

    versions = {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}
    return {"pyav": av.__version__, **versions}
