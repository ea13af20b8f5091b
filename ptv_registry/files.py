"""Files and folders that appear under their final names only once complete and flushed to disk."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ptv_registry.errors import OutputError

_TEMPORARY: Final = re.compile(r"\..+\.part-[0-9a-f]{12}")


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """Yields a temporary path beside ``target`` for a file or folder; renames it if the block succeeds.

    What ``target`` was before is replaced.

    Raises:
        OutputError: it cannot be written.
    """
    if target.exists() and not target.is_file() and not target.is_dir():
        with _into(target) as temporary:  # a pipe or a device, such as /dev/stdout, keeps its name
            yield temporary
        return
    with _writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(target)
    try:
        yield temporary
        with _writing(target):
            _publish(temporary, target)
    finally:
        remove(temporary)


@contextmanager
def _into(target: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / target.name
        yield temporary
        with _writing(target), temporary.open("rb") as file, target.open("wb") as out:
            shutil.copyfileobj(file, out)


def write_text(target: Path, text: str) -> None:
    """Writes a text file whole or not at all."""
    with appearing(target) as temporary, _writing(target):
        temporary.write_text(text, encoding="utf-8")


def write_bytes(target: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    with appearing(target) as temporary, _writing(target):
        temporary.write_bytes(data)


def write_lines(target: Path, lines: Iterable[str]) -> None:
    """Writes a text file whole or not at all; lines include their own line endings."""
    with appearing(target) as temporary, _writing(target), open(temporary, "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def remove(path: Path) -> None:
    """Removes a file, or a folder with what is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def clear_temporaries(folders: Iterable[Path]) -> int:
    """Removes what interrupted runs left in these folders; how many."""
    stale = [
        path
        for folder in set(folders)
        if folder.is_dir()
        for path in folder.iterdir()
        if _TEMPORARY.fullmatch(path.name)
    ]
    for path in stale:
        remove(path)
    return len(stale)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.part-{uuid.uuid4().hex[:12]}")


def _publish(temporary: Path, target: Path) -> None:
    if temporary.is_dir():
        for path in temporary.iterdir():
            _to_disk(path)
    _to_disk(temporary)
    old = None
    if target.is_dir():  # a folder can only be renamed over an empty one
        old = _beside(target)
        target.rename(old)
    os.replace(temporary, target)
    _to_disk(target.parent)
    if old is not None:
        remove(old)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}", path=str(target)) from error
