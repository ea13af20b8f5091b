"""The path manager: opens every path and address of this project."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from importlib_metadata import EntryPoint, entry_points
from iopath.common.file_io import PathHandler, PathManager, g_pathmgr

from ptv_registry.errors import PluginLoadError
from ptv_remote.addresses import scheme_of
from ptv_remote.errors import StorageUnavailableError
from ptv_remote.handlers import FileHandler, HTTPHandler, OneDriveHandler

GROUP: Final = "ptv_remote.v1.storages"
"""Entry points of storages: the name is a scheme, the value a callable ``(scheme: str) -> PathHandler``."""


class StoragePathManager(PathManager):
    """An iopath manager that also sees the handlers of iopath's own ``g_pathmgr`` and the storages that are installed.

    The longest prefix that fits decides; of equally long ones, that of this manager. Then come storages of the entry
    points ``ptv_remote.v1.storages`` by scheme, then this machine's files.
    """

    def __init__(self) -> None:
        super().__init__()
        self._storages: dict[str, PathHandler] = {}

    def handler_for(self, path: str | os.PathLike[str]) -> PathHandler:
        """What opens a path or an address."""
        return self._PathManager__get_path_handler(path)

    # iopath chooses the handler in a private method, which is the one place through which all of its calls go.
    def _PathManager__get_path_handler(self, path: str | os.PathLike[str]) -> PathHandler:
        text = os.fspath(path)
        scheme = scheme_of(text) if isinstance(text, str) else None
        if scheme is None:
            return self._registered(text) or self._native_path_handler
        lowered = scheme + text[len(scheme) :]
        return self._registered(lowered) or self._storage(scheme) or self._native_path_handler

    def _registered(self, path: str) -> PathHandler | None:
        own, shared = (
            {prefix: handler for prefix, handler in manager._path_handlers.items() if path.startswith(prefix)}
            for manager in (self, g_pathmgr)
        )
        fitting = {**shared, **own}
        return fitting[max(fitting, key=len)] if fitting else None

    def _storage(self, scheme: str) -> PathHandler | None:
        if scheme not in self._storages:
            points = list({p.value: p for p in entry_points(group=GROUP, name=scheme)}.values())
            if not points:
                return None
            if len(points) > 1:
                which = " and ".join(sorted(_distribution(point) for point in points))
                msg = f"{scheme}:// is opened by {which}; uninstall one, or register the handler with path_manager.register_handler"
                raise StorageUnavailableError(msg)
            self._storages[scheme] = _load(points[0], scheme)
        return self._storages[scheme]


def _load(point: EntryPoint, scheme: str) -> PathHandler:
    try:
        make: Callable[[str], Any] = point.load()
    except Exception as error:
        msg = f"{scheme}:// is opened by {_distribution(point)}, which does not import: {error or type(error).__name__}"
        raise PluginLoadError(f"{msg}; reinstall or remove it") from error
    handler = make(scheme)
    if not isinstance(handler, PathHandler):
        msg = f"{scheme}:// is opened by {_distribution(point)}, whose {point.value} gives {handler!r}, no iopath PathHandler"
        raise PluginLoadError(msg)
    return handler


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


#: Every path and address of this project is opened through this manager. ``path_manager.register_handler(...)`` adds a
#: storage of your own (subclass :class:`iopath.common.file_io.PathHandler`).
path_manager: Final = StoragePathManager()
path_manager.register_handler(FileHandler())
path_manager.register_handler(HTTPHandler())
path_manager.register_handler(OneDriveHandler())


def storage_hint(path: str) -> str:
    """What to add to a message when nothing is found at ``path``: iopath takes a scheme that it lacks for a folder."""
    scheme = scheme_of(path)
    if scheme in (None, "file", "http", "https"):
        return ""
    return (
        f" (if nothing opens {scheme}:// yet, `pip install ptv-fsspec` opens many storages; "
        "plug in others with ptv_remote.path_manager.register_handler)"
    )
