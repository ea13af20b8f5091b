"""A report of broken videos that all processes of one dataset write to."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
import weakref
from pathlib import Path
from typing import Any, NamedTuple


class Failure(NamedTuple):
    """One video that could not be read: its path, the type and the text of the error."""

    path: str
    error: str
    message: str

    @classmethod
    def of(cls, path: str, error: BaseException) -> Failure:
        """The failure of ``path`` by ``error``."""
        return cls(path, type(error).__name__, str(error).removeprefix(f"{path}: ") or "no message")


class Scratch:
    """A folder for what the processes of one dataset tell each other; it appears with the first file in it.

    Copies in worker processes share it. The process that made it removes it in the end.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.gettempdir()) / f"ptv-datasets-{uuid.uuid4().hex}"
        self._finalizer = weakref.finalize(self, _remove, str(self.path), os.getpid())

    def __reduce__(self) -> tuple[Any, ...]:
        return _scratch_at, (str(self.path),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Scratch:
        return Scratch()

    def append(self, line: dict[str, Any]) -> None:
        """Add one record of this process."""
        self.path.mkdir(exist_ok=True)
        with open(self.path / f"{os.getpid()}.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def lines(self) -> list[dict[str, Any]]:
        """The records of all processes."""
        files = sorted(self.path.glob("*.jsonl")) if self.path.is_dir() else []
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]

    def write(self, name: str, content: Any) -> None:
        """Write a file whole or not at all."""
        self.path.mkdir(exist_ok=True)
        part = self.path / f"{name}.{os.getpid()}.part"
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(self.path / name)

    def read(self, name: str) -> Any:
        """What a process has written under this name, or ``None``."""
        file = self.path / name
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _scratch_at(path: str) -> Scratch:
    scratch = Scratch.__new__(Scratch)
    scratch.path = Path(path)
    return scratch


def _remove(path: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(path, ignore_errors=True)


class FailureReport:
    """Which videos of a dataset could not be read so far, in whichever process that was seen."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch

    def record(self, failure: Failure) -> None:
        """Add a failure."""
        self._scratch.append(failure._asdict())

    def failures(self) -> list[Failure]:
        """The failures, one per path, sorted by path."""
        found = {line["path"]: Failure(**line) for line in self._scratch.lines()}
        return [found[path] for path in sorted(found)]

    def __len__(self) -> int:
        return len(self.failures())

    def __str__(self) -> str:
        failures = self.failures()
        if not failures:
            return "all videos could be read"
        lines = [f"{failure.path}: {failure.error}: {failure.message}" for failure in failures]
        return "\n  ".join([f"{len(lines)} videos could not be read:", *lines])
