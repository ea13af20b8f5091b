"""Videos and labels from a file or a folder."""

from __future__ import annotations

import os
from typing import Any

import ptv_datasets
from ptv_datasets.annotations.label_files import LabelFileError
from ptv_video.containers.source import local_path, path_manager

__all__ = ["LabeledVideoPaths"]


class LabelsNotFoundError(LabelFileError, FileNotFoundError, AssertionError):
    """Neither a label file nor a folder of classes has this name."""


class LabeledVideoPaths(ptv_datasets.LabeledVideoPaths):
    """Pairs of a video's path and its label; see :class:`ptv_datasets.LabeledVideoPaths`.

    An element is the path and ``{"label": label}``. The pairs are also the list ``_paths_and_labels``, which programs change.
    """

    _pairs: list[tuple[str, Any]] | None = None

    @classmethod
    def from_path(cls, data_path: Any, class_names: Any = None, path_prefix: str = "") -> LabeledVideoPaths:
        """See :meth:`ptv_datasets.LabeledVideoPaths.from_path`.

        Raises:
            LabelsNotFoundError: no such file or folder.
        """
        _check_there(data_path)
        found: Any = super().from_path(data_path, class_names, path_prefix)
        return found

    @classmethod
    def from_csv(cls, file_path: Any, class_names: Any = None, path_prefix: str = "") -> LabeledVideoPaths:
        """See :meth:`ptv_datasets.LabeledVideoPaths.from_csv`."""
        _check_there(file_path)
        found: Any = super().from_csv(file_path, class_names, path_prefix)
        return found

    @classmethod
    def from_directory(cls, dir_path: Any, class_names: Any = None) -> LabeledVideoPaths:
        """See :meth:`ptv_datasets.LabeledVideoPaths.from_directory`."""
        _check_there(dir_path)
        found: Any = super().from_directory(dir_path, class_names)
        return found

    @property
    def _paths_and_labels(self) -> list[tuple[str, Any]]:
        if self._pairs is None:
            self._pairs = list(zip(self._paths, self._labels, strict=True))
        return self._pairs

    @_paths_and_labels.setter
    def _paths_and_labels(self, pairs: list[tuple[str, Any]]) -> None:
        self._pairs = pairs

    @property
    def _path_prefix(self) -> str:
        return self.path_prefix

    def __getitem__(self, index: int) -> tuple[str, dict[str, Any]]:
        path, label = (self._paths[index], self._labels[index]) if self._pairs is None else self._pairs[index]
        return self._joined(path), {"label": label}

    def __len__(self) -> int:
        return len(self._paths) if self._pairs is None else len(self._pairs)


def _check_there(path: Any) -> None:
    place = local_path(os.fspath(path))
    try:
        there = path_manager.exists(place)
    except NotImplementedError:  # a storage that cannot tell
        return
    if not there:
        raise LabelsNotFoundError(f"{path} not found: no such file or folder", path=str(path))
