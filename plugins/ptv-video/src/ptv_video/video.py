"""``Video``: what every decoder returns, and the arithmetic of clips."""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from ptv_registry.errors import ArgumentError
from ptv_video.errors import ClipRangeError

if TYPE_CHECKING:
    import torch

    from ptv_video.decoders.frame_stream import ClipStream, EachFrame

#: A time in seconds. Integers and fractions are exact; floats are taken to the microsecond.
Seconds: TypeAlias = float | Fraction

#: Given T, the number of frames in a clip, the indices of the frames to keep; repeats allowed, order kept.
Select: TypeAlias = Callable[[int], Sequence[int]]

Result = TypeVar("Result")

_FLOAT_TOLERANCE = Fraction(1, 1_000_000)


class Video(ABC):
    """An open video: clips by presentation time, closed on leaving a ``with`` block.

    Times are seconds since the video's first frame (for a file without pictures: since its first audio sample). All
    arithmetic is rational; a frame belongs to a clip if its presentation time lies in ``[start, end)``. It is presented
    until the next one: a clip in which no frame starts holds the one that is on the screen, with its own time.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The name given, or else the file name."""

    @property
    @abstractmethod
    def exact_duration(self) -> Fraction:
        """Seconds from the first frame to the end of the last one, exactly."""

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last one, by the video's own clock (audio may be longer)."""
        return float(self.exact_duration)

    @property
    @abstractmethod
    def fps(self) -> Fraction | None:
        """Average frames per second; None if the file does not say or has no pictures."""

    @property
    @abstractmethod
    def num_frames(self) -> int | None:
        """How many frames there are, where that is known without decoding."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int] | None:
        """Height and width in pixels as clips show them (rotation applied); None without pictures."""

    @property
    @abstractmethod
    def has_audio(self) -> bool:
        """Whether clips carry audio: the file has some, and it was asked for."""

    @property
    def has_video(self) -> bool:
        """Whether clips carry pictures: the file has some, and they were asked for."""
        return True

    @abstractmethod
    def close(self) -> None:
        """Releases the file and the decoder; closing twice is fine."""

    @abstractmethod
    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """Reads several clips in one pass; each equals what :meth:`get_clip` gives for its span."""

    def map_clips(
        self,
        function: Callable[[int, dict[str, Any]], Result],
        spans: Sequence[tuple[Seconds, Seconds]],
        *,
        select: Select | None = None,
    ) -> list[Result]:
        """Reads several clips in one pass and gives what a function makes of each, in the order of the spans.

        A decoder that can calls it as soon as a clip is read and lets the clip go, so that they are not all in memory
        at once. The clips may come in any order. Where the file turns out to need another pass, the function is called
        for all of them again, and the last results count.

        Args:
            function: called with a clip's number among the spans and the clip; it must not read from this video.
            spans: start and end of each clip; see :meth:`get_clip`.
            select: see :meth:`get_clip`.
        """
        return [function(number, clip) for number, clip in enumerate(self.get_clips(spans, select=select))]

    def stream_clips(
        self,
        spans: Sequence[tuple[Seconds, Seconds]],
        *,
        select: Select | None = None,
        each_frame: EachFrame | None = None,
        ahead: int = 2,
    ) -> ClipStream:
        """Reads clips in a thread of its own and gives them in turn; each equals what :meth:`get_clip` gives.

        For spans in order of time a decoder that can decodes and converts each frame at most once, however much the
        clips overlap, and holds only the clips that are under way. (One that cannot reads clip by clip, as this does.)
        The times are believed that the file's packets promise; where they turn out wrong on the way, the clips given
        by then stay as they were.

        Args:
            spans: start and end of each clip; see :meth:`get_clip`.
            select: see :meth:`get_clip`.
            each_frame: what to make of each frame as soon as it is there, such as a smaller one: takes and returns
                (C, 1, H, W). A clip's ``video`` is then what it returned, joined along time.
            ahead: how many clips may wait to be taken.

        Returns:
            An iterator to use in a ``with`` block, at whose end reading stops; nobody else may read from a video of a
            file object until then. It raises what :meth:`get_clip` does.
        """
        from ptv_video.decoders.frame_stream import ClipStream, frame_by_frame

        def produce(give: Callable[[int, dict[str, Any]], None]) -> None:
            for number, (start, end) in enumerate(spans):
                give(number, frame_by_frame(self.get_clip(start, end, select=select), each_frame))

        return ClipStream(produce, ahead)

    def get_clip(self, start_sec: Seconds, end_sec: Seconds, *, select: Select | None = None) -> dict[str, Any]:
        """Reads the frames and the audio of ``[start_sec, end_sec)``.

        Args:
            start_sec: start in seconds; before the video's start means frames from its start, audio after silence.
            end_sec: end in seconds, exclusive; ``math.inf`` is the video's end.
            select: given T, the number of frames in the clip, the indices of those to keep. Only they are made; the
                result is the same as indexing the whole clip.

        Returns:
            ``video``: uint8 (C, T, H, W), RGB, or None; ``audio``: float32 (samples) in [-1, 1], exactly
            ``round((end_sec - start_sec) * sample_rate)`` of them, or None; ``pts``: float64 (T), the presentation
            times of the frames in seconds; ``sample_rate``: of the audio in Hz, or None.

        Raises:
            ClipRangeError: the clip is empty or lies outside the video.
            VideoDecodeError: the file is damaged there.
        """
        return self.get_clips([(start_sec, end_sec)], select=select)[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_span(self, start_sec: Seconds, end_sec: Seconds) -> tuple[Fraction, Fraction, Fraction]:
        """Returns start, end and the tolerance for both, in seconds."""
        for value in (start_sec, end_sec):
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value):
                msg = f"{self.name}: a clip's start and end are numbers in seconds, not {value!r}"
                raise ArgumentError(msg)
        exact = all(isinstance(value, numbers.Rational) for value in (start_sec, end_sec))
        duration = self.exact_duration
        if math.isinf(start_sec) or start_sec >= duration or end_sec <= 0 or end_sec <= start_sec:
            msg = (
                f"{self.name}: the clip [{float(start_sec):.6g}, {float(end_sec):.6g}) s lies outside the video, "
                f"which is [0, {float(duration):.6g}) s"
                if end_sec > start_sec
                else f"{self.name}: a clip ends after it starts, but [{float(start_sec):.6g}, {float(end_sec):.6g}) s "
                f"does not; the video is [0, {float(duration):.6g}) s"
            )
            raise self._range_error(msg, start_sec, end_sec)
        end = duration if math.isinf(end_sec) else Fraction(end_sec)
        return Fraction(start_sec), end, Fraction(0) if exact else _FLOAT_TOLERANCE

    def _range_error(self, message: str, start_sec: Seconds, end_sec: Seconds) -> ClipRangeError:
        return ClipRangeError(
            message, video=self.name, start_sec=float(start_sec), end_sec=float(end_sec), duration=self.duration
        )


def first_tick(time: Fraction, tick: Fraction, tolerance: Fraction) -> int:
    """The first multiple of ``tick`` at or after ``time``; one that lies at most ``tolerance`` before counts too."""
    return math.ceil(time / tick - min(tolerance / tick, Fraction(1, 4)))


def chosen(select: Select | None, count: int, name: str) -> list[int]:
    """The indices that ``select`` keeps out of ``count`` frames.

    Raises:
        ArgumentError: an index lies outside the clip.
    """
    if select is None:
        return list(range(count))
    indices = [int(index) for index in select(count)]
    wrong = [index for index in indices if not 0 <= index < count]
    if wrong:
        msg = f"{name}: select({count}) chose frame {wrong[0]}; a clip of {count} frames has 0 to {count - 1}"
        raise ArgumentError(msg)
    return indices


def channels_first(frames: torch.Tensor) -> torch.Tensor:
    """(T, H, W, C) as (C, T, H, W), without a copy."""
    return frames.permute(3, 0, 1, 2)
