"""Clips one after the other while whoever takes them works: read in a thread of its own, a few of them ahead."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from ptv_registry.errors import ArgumentError
from ptv_video.decoders.pictures import Clips
from ptv_video.timeline.clip_frames import ClipFrames

if TYPE_CHECKING:
    import torch

Clip: TypeAlias = dict[str, Any]

#: What is made of each frame as it comes: takes and gives a clip of one frame, (C, 1, H, W).
EachFrame: TypeAlias = "Callable[[torch.Tensor], torch.Tensor]"

#: Takes a clip's number among the spans and the clip.
Give: TypeAlias = Callable[[int, Clip], None]


class ClipStream(Iterator[Clip]):
    """Clips in the order of their spans, which a thread reads while others are worked on.

    The thread starts at once and stops when ``ahead`` clips wait to be taken. An error in it is raised here, after the
    clips before it. Leaving a ``with`` block ends the thread, whatever is left.

    Args:
        produce: runs in the thread; calls the function that it is given with each clip, in any order.
        ahead: clips that may wait.
    """

    def __init__(self, produce: Callable[[Give], None], ahead: int) -> None:
        if isinstance(ahead, bool) or not isinstance(ahead, int) or ahead < 1:
            msg = f"ahead is the number of clips that may wait, at least 1, not {ahead!r}"
            raise ArgumentError(msg)
        self._buffer = _Buffer(ahead)
        # The thread holds the buffer and not this object, so that an iterator that nobody holds any more is closed.
        self._thread = threading.Thread(target=_run, args=(produce, self._buffer), name="ptv-clips", daemon=True)
        self._thread.start()

    def __next__(self) -> Clip:
        return self._buffer.take()

    def close(self) -> None:
        """Ends the thread and drops what is waiting; closing twice is fine."""
        self._buffer.close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_thread") and threading.current_thread() is not self._thread:
            self.close()


class _ClosedError(Exception):
    """Nobody takes the clips any more."""


class _Buffer:
    """Clips on their way from the thread to who takes them, put in order."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._changed = threading.Condition()
        self._ready: deque[Clip] = deque()
        self._early: dict[int, Clip] = {}
        self._next = 0
        self._closed = self._finished = False
        self._error: BaseException | None = None

    def give(self, number: int, clip: Clip) -> None:
        if number < self._next:
            return  # the file had to be read again from the start, and this clip is given already
        self._early[number] = clip
        while self._next in self._early:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._ready) < self._ahead)
                if self._closed:
                    raise _ClosedError
                self._ready.append(self._early.pop(self._next))
                self._next += 1
                self._changed.notify_all()

    def take(self) -> Clip:
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._finished or self._closed)
            if self._ready:
                clip = self._ready.popleft()
                self._changed.notify_all()
                return clip
            error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopIteration

    def finish(self, error: BaseException | None) -> None:
        with self._changed:
            self._error, self._finished = error, True
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._ready.clear()
            self._changed.notify_all()


def _run(produce: Callable[[Give], None], buffer: _Buffer) -> None:
    try:
        produce(buffer.give)
    except _ClosedError:
        buffer.finish(None)
    except BaseException as error:  # noqa: BLE001 - raised where the clips are taken
        buffer.finish(error)
    else:
        buffer.finish(None)


class TensorClips(Clips):
    """As :class:`Clips`, of tensors, with something made of each frame, once however many clips hold it.

    Args:
        keys: see :class:`Clips`.
        image: makes a uint8 tensor, (H, W, C), of a frame.
        each_frame: see :data:`EachFrame`; None leaves frames as they are.
        done: gets a clip's number and frames, (C, T, H, W).
    """

    def __init__(
        self,
        keys: ClipFrames,
        image: Callable[[Any], torch.Tensor],
        each_frame: EachFrame | None,
        done: Callable[[int, torch.Tensor], None],
    ) -> None:
        super().__init__(keys, image, done)
        self._each_frame = each_frame

    def _picture(self, frame: Any) -> torch.Tensor:
        picture: torch.Tensor = self._image(frame)[None].permute(3, 0, 1, 2)
        return picture if self._each_frame is None else self._each_frame(picture)

    def _room(self, picture: torch.Tensor, length: int) -> torch.Tensor:
        channels, _, *size = picture.shape
        if self._each_frame is None:  # channels last, as what decodes gives them
            return picture.new_empty((length, *size, channels)).permute(3, 0, 1, 2)
        return picture.new_empty((channels, length, *size))

    def _fill(self, room: torch.Tensor, slot: int, picture: torch.Tensor) -> None:
        room[:, slot] = picture[:, 0]


def frame_by_frame(clip: Clip, each_frame: EachFrame | None) -> Clip:
    """The clip with something made of each of its frames."""
    video = clip["video"]
    if each_frame is None or video is None or not video.shape[1]:
        return clip
    import torch

    return {**clip, "video": torch.cat([each_frame(frame) for frame in video.split(1, dim=1)], dim=1)}
