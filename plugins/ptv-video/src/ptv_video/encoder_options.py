"""Options of video encoders that make what they write the same in each run."""

from __future__ import annotations

from collections.abc import Mapping


def repeatable(codec: str, options: Mapping[str, str] | None = None) -> dict[str, str]:
    """The encoder's options, with those that make its output the same in each run.

    x264's macroblock tree reads memory that it never wrote (with SIMD), so that its bytes differ from run to run: it is
    off unless ``x264-params`` names ``mbtree``.

    Args:
        codec: FFmpeg's name of the video encoder.
        options: of the encoder.
    """
    chosen = dict(options or {})
    parameters = chosen.get("x264-params", "")
    if codec == "libx264" and "mbtree" not in parameters:
        chosen["x264-params"] = f"{parameters}:no-mbtree=1".lstrip(":")
    return chosen
