"""Videos as a program gave them: what is known about each is left as it is, and what the program changes later counts."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ptv_datasets.video_lists.videos import LabeledVideo, SharedVideos, VideoOpener
from ptv_registry.errors import ArgumentError, UnknownNameError
from ptv_video.containers.source import name_of
from ptv_video.video import Seconds, Select, Video, chosen
from pytorchvideo.data.video import VideoPathHandler


class NamedAsFile(LabeledVideo):
    """A video that is called as its file, with the suffix."""

    @property
    def name(self) -> str:
        """The file's name, or that of the folder of the frames."""
        return name_of(self.source) if isinstance(self.source, str) else super().name


class GivenVideos(SharedVideos):
    """Pairs of a path and what is known about the video.

    Args:
        given: the pairs, which are asked for again each time.

    Raises:
        ArgumentError: there are none.
    """

    def __init__(self, given: Any) -> None:
        self.given: Any = given if hasattr(given, "__getitem__") and hasattr(given, "__len__") else list(given)
        if not len(self.given):
            raise ArgumentError("labeled_video_paths lists no videos")
        _ = self[0]

    @property
    def state(self) -> tuple[Any, ...]:
        """What differs when other videos were put into the place of the given ones."""
        pairs = getattr(self.given, "_paths_and_labels", None)
        return id(self.given), len(self.given), id(pairs), getattr(self.given, "_path_prefix", None)

    def known(self, index: int) -> dict[str, Any]:
        """What is known about a video: the dict that was given."""
        info = self.given[index][1]
        return info if isinstance(info, dict) else dict(info) if isinstance(info, Mapping) else {"label": info}

    def __len__(self) -> int:
        return len(self.given)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        element = self.given[index]
        if isinstance(element, str | os.PathLike) or not isinstance(element, Sequence) or len(element) < 2:
            raise ArgumentError(f"labeled_video_paths[{index}] is {element!r}; give a path and a dict with its label")
        source = element[0]
        path = os.fspath(source) if isinstance(source, str | os.PathLike) else tuple(map(os.fspath, source))
        return NamedAsFile(path, self.known(index))


class HandledOpener(VideoOpener):
    """Opens videos as a dataset's ``video_path_handler`` says, if it is another than :class:`VideoPathHandler`.

    Args:
        handler: gives the handler.
        decoder: see :class:`ptv_datasets.video_lists.videos.VideoOpener`, as for the others.
        decode_video: see there.
        decode_audio: see there.
        audio_rate: see there.
        frame_rate: see there.
    """

    def __init__(
        self,
        handler: Callable[[], Any],
        decoder: Any,
        decode_video: bool,
        decode_audio: bool,
        audio_rate: int | None,
        frame_rate: Any,
    ) -> None:
        settings = (decode_video, decode_audio, audio_rate, frame_rate)
        try:
            super().__init__(decoder, *settings)
        except UnknownNameError as error:  # which counts when a video is encoded, not for folders of frames
            super().__init__(_Unknown(error), *settings)
        self._handler = handler
        self._asked = {"decode_video": decode_video, "decode_audio": decode_audio, "decoder": decoder}

    def __call__(self, source: Any, *, header_only: bool = False) -> Video:
        """Open a video; the caller closes it."""
        handler = self._handler()
        if type(handler) is VideoPathHandler or handler is None:
            return super().__call__(source, header_only=header_only)
        taken = inspect.signature(handler.video_from_path).parameters.values()
        names = {own.name for own in taken}
        every = any(own.kind is own.VAR_KEYWORD for own in taken)
        video = handler.video_from_path(source, **{k: v for k, v in self._asked.items() if every or k in names})
        return video if isinstance(video, Video) else OfForeign(video, name_of(source))


class _Unknown:
    """Stands for a decoder that there is not one of."""

    def __init__(self, error: UnknownNameError) -> None:
        self._error = error

    def __call__(self, source: Any) -> Video:
        raise self._error


class OfForeign(Video):
    """A video of a program's own class, which has ``duration`` and ``get_clip(start_sec, end_sec)``.

    Args:
        video: the video.
        name: what it is called if it has no name itself.
    """

    def __init__(self, video: Any, name: str) -> None:
        self._video = video
        self._name = name

    @property
    def name(self) -> str:
        """See :class:`ptv_video.Video`."""
        return str(getattr(self._video, "name", None) or self._name)

    @property
    def exact_duration(self) -> Fraction:
        """See :class:`ptv_video.Video`."""
        return Fraction(self._video.duration)

    @property
    def fps(self) -> None:
        """Not known."""

    @property
    def num_frames(self) -> None:
        """Not known."""

    @property
    def size(self) -> None:
        """Not known."""

    @property
    def has_audio(self) -> bool:
        """Not known before a clip is read."""
        return True

    def close(self) -> None:
        """See :class:`ptv_video.Video`."""
        close = getattr(self._video, "close", None)
        if close is not None:
            close()

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """See :class:`ptv_video.Video`.

        Raises:
            ArgumentError: the video has nothing for a span.
        """
        return [self._clip(start, end, select) for start, end in spans]

    def _clip(self, start: Seconds, end: Seconds, select: Select | None) -> dict[str, Any]:
        clip = self._video.get_clip(float(start), float(end))
        if clip is None or clip.get("video") is None:
            raise ArgumentError(f"{self.name} has no clip [{float(start):g}, {float(end):g}) s")
        frames = clip["video"]
        return {**clip, "video": frames[:, chosen(select, frames.shape[1], self.name)]}
