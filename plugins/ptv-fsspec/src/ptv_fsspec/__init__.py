"""ptv_fsspec: the storages of fsspec, opened wherever a path is."""

from ptv_fsspec.handler import FsspecHandler

__all__ = ["FsspecHandler"]
