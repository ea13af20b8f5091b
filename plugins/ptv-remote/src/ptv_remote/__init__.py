"""Files at any address: one path manager, one cache, range requests."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_remote.addresses import is_http, scheme_of
    from ptv_remote.blocks import BlockFile
    from ptv_remote.cache import cache_dir, is_offline
    from ptv_remote.errors import (
        AddressError,
        DownloadError,
        FileChangedError,
        OfflineError,
        RemoteFileNotFoundError,
        StorageUnavailableError,
        TamperedFileError,
        TooLargeError,
    )
    from ptv_remote.fetching import LocalFile, fetch_http, fetch_pieces, local_copy, pin
    from ptv_remote.manager import path_manager, storage_hint

__all__ = [
    "AddressError",
    "BlockFile",
    "DownloadError",
    "FileChangedError",
    "LocalFile",
    "OfflineError",
    "RemoteFileNotFoundError",
    "StorageUnavailableError",
    "TamperedFileError",
    "TooLargeError",
    "cache_dir",
    "fetch_http",
    "fetch_pieces",
    "is_http",
    "is_offline",
    "local_copy",
    "path_manager",
    "pin",
    "scheme_of",
    "storage_hint",
]

__getattr__, __dir__ = lazy_package(__name__)
