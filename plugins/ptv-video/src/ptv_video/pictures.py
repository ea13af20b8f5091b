"""Decoded frames to RGB: only those that are wanted, each as soon as it is decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from ptv_video.orientation import orientation_of, upright


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

    Args:
        keys: per clip, the keys (presentation ticks) of its frames in order.
        converter: makes the pictures.
        done: gets a clip's number and frames, (T, H, W, C), as soon as the last of them is there; they are not kept.
    """

    def __init__(
        self, keys: Sequence[Sequence[int]], converter: RgbConverter, done: Callable[[int, np.ndarray], None]
    ) -> None:
        self._converter = converter
        self._done = done
        self._lengths = [len(clip) for clip in keys]
        self._left = list(self._lengths)
        self._arrays: dict[int, np.ndarray] = {}
        self._places: dict[int, list[tuple[int, int]]] = {}
        for clip, clip_keys in enumerate(keys):
            for slot, key in enumerate(clip_keys):
                self._places.setdefault(key, []).append((clip, slot))

    @property
    def missing(self) -> list[int]:
        """The keys of the frames that have not come, ascending."""
        return sorted(self._places)

    @property
    def places(self) -> Mapping[int, object]:
        """The same, for looking up."""
        return self._places

    def put(self, key: int, frame: VideoFrame) -> None:
        """Puts the frame wherever it is wanted."""
        places = self._places.pop(key, None)
        if places is None:
            return
        image = self._converter.image(frame)
        for clip, slot in places:
            if clip not in self._arrays:
                self._arrays[clip] = np.empty((self._lengths[clip], *image.shape), np.uint8)
            self._arrays[clip][slot] = image
            self._left[clip] -= 1
        for clip in {clip for clip, _ in places}:
            if not self._left[clip]:
                self._done(clip, self._arrays.pop(clip))


_CHANNELS: Final = 3
