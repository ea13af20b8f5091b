"""A decoder."""

import math
import os
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
import torch

from ptv_video import ClipRangeError, Video, VideoDecodeError


class MineDecoder(Video):
    """Decodes the whole file when it is opened, for files that are short; replace it with your decoder. It has no sound.

    Args:
        source: a path or a binary file.
        video_name: what to call the video; the file's name by default.

    Raises:
        VideoDecodeError: the file cannot be opened or has no pictures.
    """

    def __init__(self, source: Any, *, video_name: str | None = None) -> None:
        self._name = video_name or os.path.basename(str(source))
        try:
            with av.open(source) as container:
                stream = container.streams.video[0]
                found = list(container.decode(stream))
                self._fps = Fraction(stream.average_rate or 30)
        except (av.FFmpegError, OSError, IndexError) as error:
            raise VideoDecodeError(f"{self._name} cannot be decoded: {error}", video=self._name) from error
        first = found[0].pts * found[0].time_base
        self._times = [frame.pts * frame.time_base - first for frame in found]
        self._frames = [frame.to_ndarray(format="rgb24") for frame in found]

    @property
    def name(self) -> str:
        """The name given, or else the file name."""
        return self._name

    @property
    def exact_duration(self) -> Fraction:
        """Seconds to the end of the last frame."""
        return Fraction(self._times[-1]) + 1 / self._fps

    @property
    def fps(self) -> Fraction:
        """Average frames per second."""
        return self._fps

    @property
    def num_frames(self) -> int:
        """How many frames there are."""
        return len(self._times)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width, _ = self._frames[0].shape
        return height, width

    @property
    def has_audio(self) -> bool:
        """It never has."""
        return False

    def close(self) -> None:
        """Lets the frames go."""
        self._frames = []

    def get_clips(self, spans: Sequence[tuple[Any, Any]], *, select: Any = None) -> list[dict[str, Any]]:
        """The frames presented in each span of seconds, and none but those that ``select`` keeps of them.

        Raises:
            ClipRangeError: a clip is empty or lies outside the video.
        """
        clips = []
        for start, end in spans:
            duration = self.exact_duration
            if not start < min(end, duration) or end <= 0:
                message = (
                    f"{self._name}: the clip [{float(start)}, {float(end)}) s lies outside of its {float(duration)} s"
                )
                raise ClipRangeError(message, video=self._name)
            last = duration if math.isinf(end) else end
            shown = [number for number, time in enumerate(self._times) if start <= time < last]
            if not shown:  # the frame that is on the screen
                shown = [max((number for number, time in enumerate(self._times) if time <= start), default=0)]
            kept = [shown[index] for index in (range(len(shown)) if select is None else select(len(shown)))]
            frames = torch.from_numpy(np.stack([self._frames[number] for number in kept]))
            times = torch.tensor([float(self._times[number]) for number in kept], dtype=torch.float64)
            clips.append({"video": frames.permute(3, 0, 1, 2), "audio": None, "pts": times, "sample_rate": None})
        return clips
