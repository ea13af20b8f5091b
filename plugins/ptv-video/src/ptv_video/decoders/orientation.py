"""The display matrix: how a frame is turned and mirrored before it is shown."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame

#: Signs of the matrix entries (a, b, c, d) to (quarter turns counterclockwise, mirror left-right after turning).
_TURNS: Final = {
    (1, 0, 0, 1): (0, False),
    (0, 1, -1, 0): (3, False),
    (-1, 0, 0, -1): (2, False),
    (0, -1, 1, 0): (1, False),
    (-1, 0, 0, 1): (0, True),
    (1, 0, 0, -1): (2, True),
    (0, 1, 1, 0): (3, True),
    (0, -1, -1, 0): (1, True),
}

UPRIGHT: Final = (0, False)


def _nameless(cls: Any, value: object) -> Any:
    member = object.__new__(cls)
    member._name_, member._value_ = f"NUMBER_{value}", value
    return member


# FFmpeg has kinds of side data that PyAV has no name for (EXIF is one), and PyAV looks all of a frame's up by name to
# find the matrix: without this, one such kind would cost the whole frame.
Type._missing_ = classmethod(_nameless)  # type: ignore[assignment]


def orientation_of(frame: VideoFrame) -> tuple[int, bool]:
    """Quarter turns counterclockwise, then whether to mirror left-right; the nearest for an angle in between."""
    # frame.side_data would stay with the frame and refer to it: the pictures would live until the garbage collector runs.
    side_data = SideDataContainer(frame).get(Type.DISPLAYMATRIX)  # type: ignore[call-arg]
    if side_data is None or side_data.buffer_size < 36:
        return UPRIGHT
    a, b, _, c, d = struct.unpack_from("=5i", bytes(side_data))
    size = max(abs(a), abs(b))
    if size == 0:
        return UPRIGHT
    return _TURNS.get(tuple(_sign(value, size) for value in (a, b, c, d)), UPRIGHT)  # type: ignore[arg-type]


def upright(image: np.ndarray, orientation: tuple[int, bool]) -> np.ndarray:
    """The (H, W, C) image as it is to be shown; a view."""
    turns, mirrored = orientation
    image = np.rot90(image, turns) if turns else image
    return image[:, ::-1] if mirrored else image


def _sign(value: int, size: int) -> int:
    return (value > size // 2) - (value < -size // 2)
