"""The decoder ``frames``: a video stored as a folder or a list of images."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ptv_registry.errors import ArgumentError
from ptv_video.containers.source import local_path, name_of, path_manager, storage_hint
from ptv_video.decoders.frame_stream import ClipStream, EachFrame
from ptv_video.decoders.images import IMAGE_SUFFIXES, check_sizes, read_image, read_images
from ptv_video.errors import VideoDecodeError
from ptv_video.video import Seconds, Select, Video, chosen, first_tick

if TYPE_CHECKING:
    import torch


class FrameVideo(Video):
    """Clips of a video whose frames are images; frame ``k`` is presented at ``k / fps`` seconds. It has no audio.

    Args:
        duration: in seconds; None takes it from the number of paths.
        fps: frames per second of the stored images. An integer or a fraction is exact; a float such as 29.97 is
            taken as the nearest fraction with a denominator up to 1001.
        video_frame_to_path_fn: gives the path of frame ``k``; needs ``duration``.
        video_frame_paths: the paths in order; exactly one of the two is given. Another sequence than a list or tuple is asked
            for the paths that are read only.
        multithreaded_io: read the images of a clip in several threads.
        video_name: what to call the video; by default the folder of the first frame.
        retries: how often reading an image is tried again.

    Raises:
        ArgumentError: both or neither source of paths, or a number that is not positive.
    """

    def __init__(
        self,
        duration: Seconds | None,
        fps: Seconds,
        video_frame_to_path_fn: Callable[[int], str] | None = None,
        video_frame_paths: Sequence[str] | None = None,
        multithreaded_io: bool = False,
        *,
        video_name: str | None = None,
        decode_video: bool = True,
        retries: int = 3,
    ) -> None:
        if (video_frame_to_path_fn is None) == (video_frame_paths is None):
            msg = "a FrameVideo takes exactly one of video_frame_to_path_fn and video_frame_paths"
            raise ArgumentError(msg)
        if video_frame_paths is not None and not len(video_frame_paths):
            msg = "video_frame_paths is empty; a video has at least one frame"
            raise ArgumentError(msg)
        self._fps = _rate(fps)
        if video_frame_paths is not None:
            self._count = len(video_frame_paths)
            if isinstance(video_frame_paths, list | tuple):
                video_frame_paths = [os.fspath(path) for path in video_frame_paths]
            self._path_of: Callable[[int], str] = video_frame_paths.__getitem__
        else:
            if duration is None or not 0 < duration < float("inf"):
                msg = (
                    f"video_frame_to_path_fn needs the video's duration in seconds, a positive number, not {duration!r}"
                )
                raise ArgumentError(msg)
            self._count = first_tick(Fraction(duration), 1 / self._fps, Fraction(1, 1_000_000))
            self._path_of = video_frame_to_path_fn  # type: ignore[assignment]
        self._duration = self._count / self._fps
        self._multithreaded_io = multithreaded_io
        self._name = video_name if video_name is not None else PurePath(self._path_of(0)).parent.name
        self._decode_video = decode_video
        self._retries = retries
        self._size: tuple[int, int] | None = None

    @classmethod
    def from_directory(
        cls,
        path: str,
        fps: Seconds = 30.0,
        multithreaded_io: bool = False,
        path_order_cache: MutableMapping[str, list[str]] | None = None,
    ) -> FrameVideo:
        """Takes the images of a folder in natural order (``img_2`` before ``img_10``); other files are left out.

        Args:
            path: folder, path or URI.
            fps: see the class.
            multithreaded_io: see the class.
            path_order_cache: remembers the sorted paths per folder across calls.

        Raises:
            VideoDecodeError: the folder does not exist, or holds no images.
        """
        paths = None if path_order_cache is None else path_order_cache.get(path)
        if paths is None:
            paths = image_paths(path)
            if path_order_cache is not None:
                path_order_cache[path] = paths
        return cls.from_frame_paths(paths, fps, multithreaded_io, video_name=name_of(path))

    @classmethod
    def from_frame_paths(
        cls,
        video_frame_paths: Sequence[str],
        fps: Seconds = 30.0,
        multithreaded_io: bool = False,
        *,
        video_name: str | None = None,
    ) -> FrameVideo:
        """Takes the frames in the order given."""
        return cls(
            None, fps, video_frame_paths=video_frame_paths, multithreaded_io=multithreaded_io, video_name=video_name
        )

    @property
    def name(self) -> str:
        """See :class:`Video`."""
        return self._name

    @property
    def exact_duration(self) -> Fraction:
        """See :class:`Video`."""
        return self._duration

    @property
    def fps(self) -> Fraction:
        """See :class:`Video`."""
        return self._fps

    @property
    def num_frames(self) -> int:
        """See :class:`Video`."""
        return self._count

    @property
    def size(self) -> tuple[int, int]:
        """See :class:`Video`."""
        if self._size is None:
            _, height, width = read_image(self._path_of(0), retries=self._retries).shape
            self._size = (height, width)
        return self._size

    @property
    def has_audio(self) -> bool:
        """See :class:`Video`."""
        return False

    @property
    def has_video(self) -> bool:
        """See :class:`Video`."""
        return self._decode_video

    def close(self) -> None:
        """Nothing is held open."""

    def get_clips(
        self, spans: Sequence[tuple[Seconds, Seconds]], *, select: Select | None = None
    ) -> list[dict[str, Any]]:
        """As :meth:`Video.get_clips`; each clip also holds ``frame_indices``, the places of its frames in the video."""
        chosen_frames = [self._indices(start, end, select) for start, end in spans]
        return [self._clip(indices, self._read(indices)) for indices in chosen_frames]

    def stream_clips(
        self,
        spans: Sequence[tuple[Seconds, Seconds]],
        *,
        select: Select | None = None,
        each_frame: EachFrame | None = None,
        ahead: int = 2,
    ) -> ClipStream:
        """See :class:`Video`."""
        import torch

        make = each_frame or (lambda frame: frame)

        def produce(give: Callable[[int, dict[str, Any]], None]) -> None:
            clips = [self._indices(start, end, select) for start, end in spans]
            uses = Counter(index for indices in clips for index in set(indices))
            held: dict[int, torch.Tensor] = {}
            sizes: dict[torch.Size, int] = {}
            for number, indices in enumerate(clips):
                if not self._decode_video or not indices:
                    give(number, self._clip(indices, self._read(indices)))
                    continue
                new = [index for index in dict.fromkeys(indices) if index not in held]
                for index in new:
                    frame = read_image(self._path_of(index), retries=self._retries)
                    sizes.setdefault(frame.shape, index)
                    check_sizes({self._path_of(place): shape for shape, place in sizes.items()})
                    held[index] = make(frame[:, None])
                video = torch.cat([held[index] for index in indices], dim=1)
                for index in set(indices):
                    uses[index] -= 1
                    if not uses[index]:
                        del held[index]
                give(number, self._clip(indices, video))

        return ClipStream(produce, ahead)

    def _indices(self, start_sec: Seconds, end_sec: Seconds, select: Select | None) -> list[int]:
        start, end, tolerance = self._check_span(start_sec, end_sec)
        first = max(0, first_tick(start, 1 / self._fps, tolerance))
        last = min(self._count, first_tick(end, 1 / self._fps, tolerance))
        if first >= last:  # no frame starts in it: it shows the one that is on the screen
            first, last = max(0, last - 1), max(1, last)
        return [first + index for index in chosen(select, last - first, self._name)]

    def _clip(self, indices: list[int], video: torch.Tensor | None) -> dict[str, Any]:
        import torch

        return {
            "video": video,
            "audio": None,
            "pts": torch.tensor([float(index / self._fps) for index in indices], dtype=torch.float64),
            "sample_rate": None,
            "frame_indices": indices,
        }

    def _read(self, indices: Sequence[int]) -> torch.Tensor | None:
        if not self._decode_video:
            return None
        if not indices:
            import torch

            return torch.empty((3, 0, *self.size), dtype=torch.uint8)
        paths = [self._path_of(index) for index in indices]
        return read_images(paths, retries=self._retries, multithreaded=self._multithreaded_io)


def open_frames(
    source: str | os.PathLike[str] | Sequence[str],
    *,
    video_name: str | None = None,
    decode_video: bool = True,
    decode_audio: bool = True,
    fps: Seconds = 30.0,
    multithreaded_io: bool = False,
    retries: int = 3,
) -> FrameVideo:
    """Opens a folder of images, or a list of their paths in order, as a video.

    Args:
        source: folder (path or URI), or the images' paths.
        video_name: what to call the video; the folder's name by default.
        decode_video: whether clips carry pictures.
        decode_audio: accepted as by every decoder; images have no audio, so that clips hold ``"audio": None``.
        fps: frames per second of the stored images.
        multithreaded_io: read the images of a clip in several threads.
        retries: how often reading an image is tried again.

    Raises:
        VideoDecodeError: the folder does not exist, or holds no images.
    """
    if isinstance(source, str | os.PathLike):
        folder = os.fspath(source)
        paths: Sequence[str] = image_paths(folder)
        video_name = video_name if video_name is not None else name_of(folder)
    elif isinstance(source, Sequence) and not isinstance(source, bytes | bytearray):
        paths = source
    else:
        msg = f"frames are read from a folder or a list of image paths, not from {source!r}"
        raise ArgumentError(msg)
    return FrameVideo(
        None,
        fps,
        video_frame_paths=paths,
        multithreaded_io=multithreaded_io,
        video_name=video_name,
        decode_video=decode_video,
        retries=retries,
    )


def image_paths(folder: str) -> list[str]:
    """The images of a folder in natural order.

    Raises:
        VideoDecodeError: the folder does not exist, or holds no images.
    """
    folder = local_path(folder)
    if not path_manager.isdir(folder):
        msg = f"{folder}: no such folder{storage_hint(folder)}"
        raise VideoDecodeError(msg, video=folder)
    names = [name for name in path_manager.ls(folder) if PurePath(name).suffix.lower() in IMAGE_SUFFIXES]
    if not names:
        msg = f"{folder}: holds no image ({', '.join(sorted(IMAGE_SUFFIXES))})"
        raise VideoDecodeError(msg, video=folder)
    return [f"{folder.rstrip('/')}/{name}" for name in sorted(names, key=_natural)]


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name)]


def _rate(fps: Seconds) -> Fraction:
    if isinstance(fps, bool) or not isinstance(fps, int | float | Fraction) or not 0 < fps < float("inf"):
        msg = f"fps is a positive number of frames per second, not {fps!r}"
        raise ArgumentError(msg)
    exact = Fraction(fps)
    return exact.limit_denominator(1001) if isinstance(fps, float) and fps >= 1 else exact
