"""``LabeledVideoPaths``: videos and labels from a file or from folders named after the classes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptv_datasets.annotations.kinetics_lists import youtube_id
from ptv_datasets.annotations.label_files import VIDEO_EXTENSIONS, numbered, read_class_names, read_label_file
from ptv_datasets.annotations.label_rows import LabelFileError, LabelRows
from ptv_datasets.annotations.named_videos import find_videos, root_of, tell_missing
from ptv_datasets.annotations.ucf101_lists import is_ucf101, labelled_by_ucf101
from ptv_datasets.video_lists.exact_seconds import ExactSeconds
from ptv_datasets.video_lists.folders import videos_in
from ptv_video.containers.source import local_path, path_manager

if TYPE_CHECKING:
    from ptv_datasets.video_lists.listed_videos import ListedVideos

ClassNames = str | Path | Sequence[str] | None


class LabeledVideoPaths:
    """Pairs of a video's path and its label.

    Args:
        paths_and_labels: pairs of a path and the number of its class.
        path_prefix: joined to the front of every path.
        class_names: names of the classes in the order of their numbers.
        durations: seconds of the videos that are known, by path without the prefix.
    """

    def __init__(
        self,
        paths_and_labels: Sequence[tuple[str, int]],
        path_prefix: str = "",
        class_names: Sequence[str] | None = None,
        durations: dict[str, Fraction] | None = None,
    ) -> None:
        self._paths = [path for path, _ in paths_and_labels]
        self._labels: Sequence[Any] = [label for _, label in paths_and_labels]
        self.path_prefix = path_prefix
        self.class_names = None if class_names is None else list(class_names)
        self._durations = durations or {}
        self._seconds: Sequence[Fraction | None] = ()
        self.broken: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_path(
        cls, data_path: str | os.PathLike[str], class_names: ClassNames = None, path_prefix: str = ""
    ) -> LabeledVideoPaths:
        """From a label file (:meth:`from_csv`) or a folder (:meth:`from_directory`), whichever the path is.

        Raises:
            LabelFileError: it is neither, or cannot be understood.
        """
        path = local_path(os.fspath(data_path))
        if path_manager.isdir(path):
            return cls.from_directory(path, class_names)
        return cls.from_csv(path, class_names, path_prefix)

    @classmethod
    def from_csv(
        cls, file_path: str | os.PathLike[str], class_names: ClassNames = None, path_prefix: str = ""
    ) -> LabeledVideoPaths:
        """From a file with a video and its label per row; see :func:`ptv_datasets.read_label_file`.

        The lists of UCF101 are read as they come: their classes are the folders, numbered from 0. In a manifest of
        ``ptv scan`` the labels are the folders, and the videos that cannot be read are left out. The videos of an annotation
        file of Kinetics, ``id_%06d_%06d.mp4``, are looked for at any depth of ``path_prefix``, or beside the file; of those
        that are not there a warning tells (:class:`ptv_datasets.annotations.named_videos.MissingVideosWarning`).

        Args:
            file_path: the file. Without labels every label is -1.
            path_prefix: joined to the front of every path.
            class_names: names of the classes, or a file with one per line. Give them where labels are names and the file
                may lack some, such as that of a validation set; otherwise the names in the file are sorted.
        """
        file_path = local_path(os.fspath(file_path))
        rows = read_label_file(file_path)
        if is_ucf101(rows):
            rows.labels, class_names = labelled_by_ucf101(rows, file_path, class_names)
        elif rows.scanned:
            rows.labels = labelled_by_folder(rows, file_path, class_names)
            class_names = class_names or sorted(set(rows.labels))
        labels, names = numbered(rows, file_path, None if class_names is None else read_class_names(class_names))
        found = cls((), "", names)
        found._paths, found._labels, found._seconds = rows.paths, labels, rows.durations
        found.path_prefix, found.broken = path_prefix, rows.broken
        if rows.named:
            found._find(file_path)
        return found

    def _find(self, file_path: str) -> None:
        """Put the paths of the videos in the place of their names; those that are not there are left out."""
        root = root_of(file_path, self.path_prefix)
        there = find_videos(root)
        paths = [there.get(name) or there.get(youtube_id(name)) for name in self._paths]
        missing = [name for name, path in zip(self._paths, paths, strict=True) if path is None]
        way_out = "give their folder as video_path_prefix; they are called ID_000000_000010.mp4 or ID.mp4"
        tell_missing(file_path, root, missing, len(paths), way_out)
        self._labels = [label for label, path in zip(self._labels, paths, strict=True) if path is not None]
        self._paths = [path for path in paths if path is not None]
        self.path_prefix = ""

    @classmethod
    def from_directory(cls, dir_path: str | os.PathLike[str], class_names: ClassNames = None) -> LabeledVideoPaths:
        """From folders named after the classes, ``dir_path/class_x/video.mp4``; classes are numbered alphabetically.

        A folder of images inside a class is one video, unless it holds a video file as well.

        Args:
            dir_path: the folder of the classes.
            class_names: names of the classes, or a file with one per line; folders of other names are an error.
        """
        root = local_path(os.fspath(dir_path))
        folders = sorted(name for name in path_manager.ls(root) if path_manager.isdir(os.path.join(root, name)))
        folders = [name for name in folders if not name.startswith(".")]
        names = folders if class_names is None else read_class_names(class_names)
        unknown = sorted(set(folders) - set(names))
        if unknown:
            raise LabelFileError(f"{root}: folder {unknown[0]!r} is not one of the {len(names)} classes", path=root)
        pairs = [(path, names.index(name)) for name in folders for path in videos_in(os.path.join(root, name))]
        if not pairs:
            raise LabelFileError(
                f"{root} holds no videos; what is expected is a folder per class, as in {root}/CLASS/VIDEO.mp4, "
                f"with the extensions {', '.join(VIDEO_EXTENSIONS)}",
                path=root,
            )
        return cls(pairs, "", names)

    @property
    def durations(self) -> dict[str, Fraction]:
        """Seconds of the videos that the label file tells, by path."""
        known = {self._joined(path): seconds for path, seconds in self._durations.items()}
        rows = zip(self._paths, self._seconds, strict=True) if self._seconds else ()
        return known | {self._joined(path): seconds for path, seconds in rows if seconds is not None}

    @property
    def exact_durations(self) -> dict[str, Fraction] | ExactSeconds:
        """The same, of all videos in their order if the label file has them."""
        return self._seconds if isinstance(self._seconds, ExactSeconds) and self._seconds else self.durations

    def listed(self) -> ListedVideos | None:
        """The videos in little memory, if their labels are numbers of classes."""
        from ptv_datasets.video_lists.listed_videos import ListedVideos

        highest = None if self.class_names is None else len(self.class_names)
        is_plain = all(type(label) is int and label >= -1 for label in set(self._labels))
        if not is_plain or not self._paths or (highest is not None and max(self._labels) >= highest):
            return None
        return ListedVideos(map(self._joined, self._paths), self._labels, self.class_names)

    def _joined(self, path: str) -> str:
        return os.path.join(self.path_prefix, path) if self.path_prefix else path

    def __getitem__(self, index: int) -> tuple[str, dict[str, Any]]:
        path, label = self._paths[index], self._labels[index]
        named = self.class_names is not None and 0 <= label < len(self.class_names)
        name = self.class_names[label] if named and self.class_names is not None else str(label)
        return self._joined(path), {"label": label, "label_name": name if label != -1 else ""}

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        return (self[index] for index in range(len(self)))

    def __len__(self) -> int:
        return len(self._paths)


def labelled_by_folder(rows: LabelRows, path: Any, class_names: ClassNames) -> list[str]:
    """The labels of a manifest of ``ptv scan``, the folders below the one that was scanned.

    Raises:
        LabelFileError: the videos lie in one folder, whose name is not one of ``class_names``.
    """
    folders = [os.path.dirname(video) for video in rows.paths]
    root = os.path.commonpath(folders) if len({os.path.isabs(folder) for folder in folders}) == 1 else ""
    if root in folders:
        if class_names is None or os.path.basename(root) not in read_class_names(class_names):
            raise LabelFileError(
                f"{path} is a manifest of ptv scan, and its videos lie in {root or 'no folder'} itself, so that no folders "
                "tell their classes; add a column label, or scan a folder that holds one folder per class",
                path=str(path),
            )
        root = os.path.dirname(root)
    return [os.path.relpath(folder, root or ".").split(os.sep)[0] for folder in folders]
