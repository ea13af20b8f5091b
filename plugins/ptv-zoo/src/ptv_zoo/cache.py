"""Where downloaded files and the record of their sha256 are kept."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen
from filelock import FileLock

from ptv_zoo.errors import TamperedWeightsError

_PIECE: Final = 1 << 20


def cache_dir() -> Path:
    """The folder of downloads: ``PTV_CACHE``, else ``ptv`` below ``XDG_CACHE_HOME`` or ``~/.cache``; then ``weights``."""
    chosen = os.environ.get("PTV_CACHE")
    if chosen:
        return Path(chosen) / "weights"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ptv" / "weights"


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
class CachedFile:
    """The place of one address in the cache.

    Attributes:
        uri: the address.
        folder: of this address alone.
    """

    uri: str
    folder: Path

    @classmethod
    def of(cls, uri: str) -> CachedFile:
        """The place of an address; nothing is made on disk."""
        return cls(uri, cache_dir() / hashlib.sha256(uri.encode()).hexdigest()[:16])

    @property
    def file(self) -> Path:
        """The file, complete if it exists."""
        name = re.sub(r"[^\w.-]", "_", urlsplit(self.uri).path.rsplit("/", 1)[-1])[-100:].lstrip(".")
        return self.folder / (name or "file")

    @property
    def partial(self) -> Path:
        """What came of the file so far."""
        return self.folder / "download.part"

    @property
    def record(self) -> Path:
        """What is known of the file: its address, size and sha256. It outlives the file."""
        return self.folder / "record.json"

    def lock(self) -> FileLock:
        """Held by the process that downloads or checks the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "lock")

    def recorded_sha256(self) -> str | None:
        """The sha256 of the first download; ``None`` before it."""
        try:
            return str(json.loads(self.record.read_text(encoding="utf-8"))["sha256"])
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def check(self, path: Path) -> str:
        """The sha256 of ``path``, which is recorded if none is, and compared otherwise.

        Raises:
            TamperedWeightsError: it is another one than was recorded.
        """
        found, expected = sha256_of(path), self.recorded_sha256()
        if expected is None:
            data = {"uri": self.uri, "sha256": found, "size": path.stat().st_size}
            replace_with(self.record, json.dumps(data, indent=1) + "\n")
        elif found != expected:
            raise TamperedWeightsError(
                f"{path} is not what was first downloaded from {self.uri}: sha256 {found}, recorded {expected}. If the "
                f"publisher replaced the file, delete {self.folder} to accept the new one",
                uri=self.uri,
                found=found,
                expected=expected,
            )
        return found


def replace_with(path: Path, text: str) -> None:
    """Write a file so that nobody sees half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
