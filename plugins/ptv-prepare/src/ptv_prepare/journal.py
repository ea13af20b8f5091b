"""The journal of an output folder: what is complete there, from which source and by which settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ptv_prepare.errors import OutputError
from ptv_registry.files import clear_temporaries, write_text

_FOLDER: Final = ".ptv-prepare"


class Journal:
    """Remembers outputs across runs; a context that keeps other runs out of the folder.

    An output is noted before the work on it begins, and again with its facts when it has its final name, so that an
    interrupted run's outputs are told from files that somebody else put there.

    Args:
        out: the output folder.

    Raises:
        OutputError: another run is at work in the folder, or it cannot be written to.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._path = out / _FOLDER / "journal.jsonl"
        self._records: dict[str, dict[str, Any]] = {}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = open(self._path.with_name("lock"), "w")  # noqa: SIM115 - open as long as the journal
        except OSError as error:
            raise OutputError(f"{out}: cannot be written to: {error.strerror}", path=str(out)) from error
        if not _lock(self._lock):
            self._lock.close()
            raise OutputError(f"{out}: another `ptv prepare` is at work there; wait for its end", path=str(out))
        # Nobody else is at work here, so lists that are half written are those of a run that was killed.
        clear_temporaries((out, out / "annotations", self._path.parent))
        for line in self._path.read_text(encoding="utf-8").split("\n") if self._path.exists() else ():
            try:
                record = json.loads(line)
                output = record["output"]
            except (ValueError, RecursionError, KeyError, TypeError):
                continue  # the line at which a run was killed, or one that was damaged: its output is made again
            self._records[str(output)] = record
        self._file = open(self._path, "a", encoding="utf-8")  # noqa: SIM115
        self._file.write("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        lines = (json.dumps(self._records[output], sort_keys=True) for output in sorted(self._records))
        write_text(self._path, "".join(f"{line}\n" for line in lines))
        self._lock.close()

    def facts(self, output: str, recipe: str) -> dict[str, Any] | None:
        """What is known about an output that is complete, was made from this and has not changed; else None."""
        record = self._records.get(output)
        if record is None or record.get("facts") is None or record.get("recipe") != recipe:
            return None
        return record["facts"] if record.get("measure") == measure(self.out / output) else None

    def knows(self, output: str) -> bool:
        """Whether an output is this command's, complete or not."""
        return output in self._records

    def begin(self, outputs: Iterable[str]) -> None:
        """Notes that outputs are about to be made, and removes what interrupted runs left beside them."""
        outputs = list(outputs)
        known = [*outputs, *(output for output, record in self._records.items() if record.get("facts") is None)]
        clear_temporaries((self.out / output).parent for output in known)
        self._note([{"output": output} for output in outputs])

    def finish(self, output: str, recipe: str, facts: dict[str, Any]) -> None:
        """Notes that an output is complete."""
        self._note([{"output": output, "recipe": recipe, "facts": facts, "measure": measure(self.out / output)}])

    def _note(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            self._records[record["output"]] = record
        self._file.write("".join(json.dumps(record) + "\n" for record in records))
        self._file.flush()
        os.fsync(self._file.fileno())


def measure(path: Path) -> int | None:
    """What is cheap to compare: the bytes of a file, the number of files in a folder, None if there is neither."""
    try:
        return len(os.listdir(path)) if path.is_dir() else path.stat().st_size
    except OSError:
        return None


def _lock(file: Any) -> bool:
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
