"""The cache of downloaded files: a folder for each address, with a record of what is in it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from pathlib import Path
from typing import Any, Final

from attrs import asdict, fields, frozen
from filelock import FileLock

from ptv_registry.errors import OutputError
from ptv_registry.files import write_text
from ptv_registry.redaction import without_secrets
from ptv_remote.addresses import key_of, name_in
from ptv_remote.errors import OfflineError

_PIECE: Final = 1 << 20

logger = logging.getLogger(__name__)


def cache_dir() -> Path:
    """The folder of downloads: ``PTV_CACHE``, else ``ptv`` below ``XDG_CACHE_HOME`` or ``~/.cache``; then ``files``."""
    chosen = os.environ.get("PTV_CACHE")
    if chosen:
        return Path(chosen) / "files"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ptv" / "files"


def is_offline() -> bool:
    """Whether ``PTV_OFFLINE`` forbids downloads."""
    return os.environ.get("PTV_OFFLINE", "").lower() not in ("", "0", "false")


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


@frozen
class Record:
    """What is known of a file in the cache.

    Attributes:
        uri: the address, without password.
        sha256: of the file.
        size: in bytes.
        time: when it was downloaded, in seconds since 1970.
        whole: whether the server said how long it is, so that it is known to be complete.
        etag: how the server marks this version.
        last_modified: when it changed, as the server says it, if that tells versions apart.
        pinned: the sha256 of the first download of a file that must not change; it outlives the file.
    """

    uri: str
    sha256: str
    size: int
    time: float
    whole: bool = True
    etag: str | None = None
    last_modified: str | None = None
    pinned: str | None = None

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Reads a record.

        Raises:
            ValueError: it is none.
        """
        data: Any = json.loads(text)
        if not isinstance(data, dict) or set(data) != {field.name for field in fields(cls)}:
            msg = "is not the record of a download"
            raise ValueError(msg)
        kinds: dict[str, type | tuple[type, ...]] = {"size": int, "time": (int, float), "whole": bool}
        for name, value in data.items():
            optional = name in ("etag", "last_modified", "pinned")
            if not (optional and value is None) and not isinstance(value, kinds.get(name, str)):
                msg = f"its {name} is {value!r}"
                raise ValueError(msg)
        return cls(**data)


@frozen
class CachedFile:
    """The place of one address in the cache.

    Attributes:
        uri: the address, without password.
        folder: of this address alone.
        name: what the file is called there.
    """

    uri: str
    folder: Path
    name: str

    @classmethod
    def of(cls, uri: str) -> CachedFile:
        """The place of an address; nothing is made on disk.

        Raises:
            AddressError: it is not an address.
        """
        digest = hashlib.sha256(key_of(uri).encode()).hexdigest()[:32]
        name = re.sub(r"[^\w.-]", "_", name_in(uri), flags=re.ASCII)[-100:].lstrip(".")
        return cls(without_secrets(uri), cache_dir() / digest, name or "file")

    @property
    def file(self) -> Path:
        """The file, complete if it exists."""
        return self.folder / self.name

    @property
    def partial(self) -> Path:
        """What came of the file so far."""
        return self.folder / ".download.part"

    @property
    def version_path(self) -> Path:
        """Of which version of the file that is."""
        return self.folder / ".download.json"

    @property
    def record_path(self) -> Path:
        """Where the record is."""
        return self.folder / ".record.json"

    def lock(self, timeout: float = -1) -> FileLock:
        """Held by the process that downloads or checks the file; makes the folder, for nobody else to read."""
        try:
            self.folder.parent.parent.mkdir(parents=True, exist_ok=True)
            self.folder.parent.mkdir(mode=0o700, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            msg = (
                f"{self.folder}: the cache cannot be written: {error.strerror or error}; PTV_CACHE names another folder"
            )
            raise OutputError(msg, path=str(self.folder)) from error
        return FileLock(lock_path(self.folder), timeout=timeout)

    def record(self) -> Record | None:
        """The record; ``None`` if there is none that can be read."""
        try:
            return Record.from_json(self.record_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError, OSError) as error:
            logger.warning("%s: cannot be read, so %s is downloaded again: %s", self.record_path, self.uri, error)
            return None

    def write(self, record: Record) -> None:
        """Writes the record."""
        write_text(self.record_path, json.dumps(asdict(record), indent=1) + "\n")

    def touch(self) -> None:
        """Notes that the file was used, or found to be up to date, now."""
        os.utime(self.record_path)

    def checked(self) -> float:
        """When the file was last found to be up to date, in seconds since 1970; 0 if never."""
        try:
            return self.record_path.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def is_sound(self, record: Record) -> bool:
        """Whether the file is as it was recorded; its sha256 is taken once per process."""
        try:
            stat = self.file.stat()
        except FileNotFoundError:
            return False
        state = (str(self.file), stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if stat.st_size != record.size:
            return False
        if _SEEN.get(state) != record.sha256:
            found = sha256_of(self.file)
            if found != record.sha256:
                return False
            if len(_SEEN) >= _REMEMBERED:
                _SEEN.clear()
            _SEEN[state] = found
        return True

    def offline_error(self) -> OfflineError:
        """That the file is not here and may not be fetched."""
        return OfflineError(
            f"{self.uri} is not in the cache ({self.folder}), and PTV_OFFLINE forbids downloads; "
            "fetch it while online (weights: `ptv zoo pull`), or give a file",
            uri=self.uri,
        )


_REMEMBERED: Final = 100_000
_SEEN: Final[dict[tuple[str, int, int, int], str]] = {}


def lock_path(folder: Path) -> Path:
    """The lock of a folder of the cache."""
    # Beside the folder: the lock has to outlive it, or two processes hold two locks of one name.
    return folder.with_name(f"{folder.name}.lock")
