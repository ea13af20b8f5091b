"""Errors raised for remote files."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class AddressError(PtvError, ValueError):
    """The text is not an address that can be requested."""


class DownloadError(PtvError, OSError):
    """The address does not give the whole file. Fields: ``uri``, and ``code``, the server's, where it gave one."""


class RemoteFileNotFoundError(DownloadError, FileNotFoundError):
    """No file exists at the address."""


class OfflineError(DownloadError):
    """The file would have to be downloaded, and ``PTV_OFFLINE=1`` forbids it."""


class TooLargeError(DownloadError):
    """The file is larger than ``PTV_DOWNLOAD_LIMIT``, or the cache than ``PTV_CACHE_LIMIT`` or the disk."""


class FileChangedError(DownloadError):
    """The file at the address changed while it was being read."""


class TamperedFileError(PtvError, ValueError):
    """The file is not the one whose sha256 was recorded. Fields: ``uri``, ``found``, ``expected``."""


class StorageUnavailableError(PtvError, ImportError):
    """What opens the addresses of a storage is not installed or does not import; says what to install."""
