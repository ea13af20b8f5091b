"""Decoded frames to RGB: only those that are wanted, each as soon as it is decoded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from ptv_video.decoders.orientation import orientation_of, upright
from ptv_video.timeline.clip_frames import Awaited, ClipFrames


class RgbConverter:
    """Converts frames to RGB, bit for bit as ``frame.to_ndarray(format="rgb24")`` does.

    Args:
        height: rows of the pictures before they are turned: those of the coded picture, or others to scale it to.
            Frames of another size (a stream may change it) are scaled to this one.
        width: their columns.
        rotate: turn and mirror as the display matrix says.
        threads: threads of the conversion.
    """

    def __init__(self, height: int, width: int, rotate: bool, threads: int) -> None:
        self._height = height
        self._width = width
        self._rotate = rotate
        self._threads = threads
        self._reformatter = VideoReformatter()

    def image(self, frame: VideoFrame) -> np.ndarray:
        """The frame as it is shown: uint8 (H, W, 3). It is a view of memory that lives as long as the array."""
        rgb = self._reformatter.reformat(
            frame, width=self._width, height=self._height, format="rgb24", threads=self._threads
        )
        plane = rgb.planes[0]
        data = np.frombuffer(memoryview(plane), np.uint8, count=plane.line_size * rgb.height)
        rows = data.reshape(rgb.height, plane.line_size)
        image = rows[:, : rgb.width * _CHANNELS].reshape(rgb.height, rgb.width, _CHANNELS)
        return upright(image, orientation_of(frame)) if self._rotate else image


class Clips:
    """The frames of several clips, filled frame by frame in whatever order the frames come.

    Frames that come in order of time cost the memory of the clips that are under way then, not that of all.

    Args:
        keys: the times of the frames of each clip.
        image: makes a picture, (H, W, C), of a frame.
        done: gets a clip's number and frames, (T, H, W, C), as soon as the last of them is there; they are not kept.
    """

    def __init__(self, keys: ClipFrames, image: Callable[[Any], Any], done: Callable[[int, Any], None]) -> None:
        self._keys = keys
        self._image = image
        self._done = done
        self._awaited = Awaited(keys.distinct())
        self._order = keys.in_order()
        self._begun = 0
        self._left: dict[int, int] = {}
        self._filled: dict[int, Any] = {}
        self._places: dict[int, list[tuple[int, int]]] = {}

    @property
    def missing(self) -> Sequence[int]:
        """The keys of the frames that have not come, ascending."""
        return self._awaited.missing

    @property
    def complete(self) -> bool:
        """Whether every frame has come."""
        return not self._awaited.count

    def lacks(self, key: int) -> bool:
        """Whether this frame is wanted and has not come."""
        return key in self._awaited

    def put(self, key: int, frame: Any) -> None:
        """Puts the frame wherever it is wanted."""
        if key not in self._awaited:
            return
        self._awaited.came(key)
        self._begin_until(key)
        places = self._places.pop(key)
        picture = self._picture(frame)
        for clip, slot in places:
            if clip not in self._filled:
                self._filled[clip] = self._room(picture, len(self._keys[clip]))
            self._fill(self._filled[clip], slot, picture)
            self._left[clip] -= 1
        for clip in sorted({clip for clip, _ in places}):
            if not self._left[clip]:
                del self._left[clip]
                self._done(clip, self._filled.pop(clip))

    def _begin_until(self, key: int) -> None:
        """Notes where the frames of the clips go that begin by then."""
        while self._begun < len(self._order):
            clip = self._order[self._begun]
            keys = self._keys[clip]
            if min(keys) > key:
                return
            self._left[clip] = len(keys)
            for slot, wanted in enumerate(keys):
                self._places.setdefault(wanted, []).append((clip, slot))
            self._begun += 1

    def _picture(self, frame: Any) -> Any:
        return self._image(frame)

    def _room(self, picture: Any, length: int) -> Any:
        return np.empty((length, *picture.shape), np.uint8)

    def _fill(self, room: Any, slot: int, picture: Any) -> None:
        room[slot] = picture


_CHANNELS: Final = 3
