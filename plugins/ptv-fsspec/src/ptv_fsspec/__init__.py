"""ptv_fsspec: the storages of fsspec, opened wherever a path is."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_fsspec.handler import FsspecHandler

__all__ = ["FsspecHandler"]

__getattr__, __dir__ = lazy_package(__name__)
