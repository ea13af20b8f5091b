"""Files at any address: one path manager, one cache, range requests."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_names

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

_HOMES = {
    "is_http": "ptv_remote.addresses",
    "scheme_of": "ptv_remote.addresses",
    "BlockFile": "ptv_remote.blocks",
    "cache_dir": "ptv_remote.cache",
    "is_offline": "ptv_remote.cache",
    "AddressError": "ptv_remote.errors",
    "DownloadError": "ptv_remote.errors",
    "FileChangedError": "ptv_remote.errors",
    "OfflineError": "ptv_remote.errors",
    "RemoteFileNotFoundError": "ptv_remote.errors",
    "StorageUnavailableError": "ptv_remote.errors",
    "TamperedFileError": "ptv_remote.errors",
    "TooLargeError": "ptv_remote.errors",
    "LocalFile": "ptv_remote.fetching",
    "fetch_http": "ptv_remote.fetching",
    "fetch_pieces": "ptv_remote.fetching",
    "local_copy": "ptv_remote.fetching",
    "pin": "ptv_remote.fetching",
    "path_manager": "ptv_remote.manager",
    "storage_hint": "ptv_remote.manager",
}

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
