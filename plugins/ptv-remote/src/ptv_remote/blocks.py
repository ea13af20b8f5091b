"""A file that fetches what is read of it, block by block."""

from __future__ import annotations

import io
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO, Final, Protocol, cast

from ptv_remote.errors import FileChangedError

BLOCK: Final = 1 << 18
"""Bytes of a block."""
KEPT: Final = 64
"""How many blocks stay in memory."""
AHEAD: Final = 8
"""How many blocks are fetched at once, at most, while a file is read from one end to the other."""

logger = logging.getLogger(__name__)


class Ranges(Protocol):
    """A file that gives any stretch of itself.

    Attributes:
        uri: what messages call it.
        size: in bytes.
    """

    uri: str
    size: int

    @property
    def version(self) -> object:
        """Equal for equal versions of the file, as far as the storage tells."""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``, all of them."""

    def close(self) -> None:
        """Releases what it holds."""


class Blocks:
    """The blocks of a file that were read last, in memory.

    Reading on from where the last fetch ended fetches more and more at a time, up to ``AHEAD`` blocks or a 400th of the
    file. Who has read a quarter of the file wants all of it: it is fetched whole, through the cache, and read from there.

    Args:
        ranges: the file.
        whole: opens the file's copy in the cache, which it fetches first.
        head: the beginning of the file, if it is here already.
    """

    def __init__(self, ranges: Ranges, whole: Callable[[], BinaryIO], head: bytes = b"") -> None:
        self.uri, self.size, self.version = ranges.uri, ranges.size, ranges.version
        self._ranges, self._whole = ranges, whole
        self._fetched = len(head)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        for number in range(len(head) // BLOCK):
            self._blocks[number] = head[number * BLOCK : (number + 1) * BLOCK]
        self._next, self._run = len(self._blocks), 1
        self._most = max(1, min(AHEAD, self.size // 400 // BLOCK))
        self._local: BinaryIO | None = None
        self._lock = threading.Lock()

    def piece(self, place: int, most: int) -> bytes:
        """Some bytes from a place on, ``most`` at most."""
        with self._lock:
            if self._local is None:
                number, within = divmod(place, BLOCK)
                block = self._block(number)
                if block is not None:
                    return block[within : within + most]
            local = cast(BinaryIO, self._local)
            local.seek(place)
            return local.read(most)

    def want_all(self) -> None:
        """All of the file will be read: fetches it whole, unless it is here already."""
        with self._lock:
            if self._local is None:
                self._take_whole()

    def close(self) -> None:
        """Releases everything."""
        self._blocks.clear()
        self._ranges.close()
        if self._local is not None:
            self._local.close()

    def _take_whole(self) -> None:
        logger.info("%s: much of it is read, so it is fetched whole", self.uri)
        local = self._whole()
        if local.seek(0, io.SEEK_END) != self.size:
            local.close()
            raise FileChangedError(f"{self.uri} had {self.size} bytes when it was opened, and has others now")
        self._local = local
        self._blocks.clear()

    def _block(self, number: int) -> bytes | None:
        """A block; ``None`` if from now on all of the file is here."""
        found = self._blocks.get(number)
        if found is not None:
            self._blocks.move_to_end(number)
            return found
        if self._fetched > self.size / 4 + BLOCK:
            self._take_whole()
            return None
        self._run = min(2 * self._run, self._most) if number == self._next else 1
        start, stop = number * BLOCK, min((number + self._run) * BLOCK, self.size)
        data = self._ranges.read(start, stop)
        self._fetched += len(data)
        for place in range(0, len(data), BLOCK):
            self._blocks[number + place // BLOCK] = data[place : place + BLOCK]
        self._next = number + self._run
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        return self._blocks[number]


class BlockFile(io.RawIOBase):
    """A read-only, seekable binary file over :class:`Blocks`.

    Args:
        blocks: the file's content.
        owner: whether closing this file closes them.
    """

    def __init__(self, blocks: Blocks, *, owner: bool = True) -> None:
        super().__init__()
        self.name = blocks.uri
        self._content, self._owner, self._place = blocks, owner, 0
        self._lock = threading.Lock()

    @property
    def version(self) -> object:
        """Equal for equal versions of the file, as far as the storage tells."""
        return self._content.version

    def again(self) -> BlockFile:
        """The same file at its beginning, for another reader; it lives as long as this one."""
        return BlockFile(self._content, owner=False)

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def tell(self) -> int:
        """The place in the file."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place in the file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._content.size}.get(whence)
        if base is None or base + offset < 0:
            msg = f"cannot seek to {offset} (whence {whence}) in {self._content.size} bytes"
            raise ValueError(msg)
        self._place = base + offset
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer, or as much of it as the file has."""
        if self.closed:
            msg = "I/O operation on closed file"
            raise ValueError(msg)
        view = memoryview(buffer).cast("B")
        with self._lock:
            count = max(0, min(len(view), self._content.size - self._place))
            done = 0
            while done < count:
                piece = self._content.piece(self._place, count - done)
                if not piece:
                    msg = f"{self.name} ends at {self._place} of {self._content.size} bytes"
                    raise OSError(msg)
                view[done : done + len(piece)] = piece
                done += len(piece)
                self._place += len(piece)
        return count

    def peek(self, size: int = 0, /) -> bytes:
        """Some bytes from here on without going on; with it, lines are not read byte by byte."""
        return self._content.piece(self._place, max(size, BLOCK)) if self._place < self._content.size else b""

    def readall(self) -> bytes:
        """The rest of the file."""
        if self._content.size - self._place > self._content.size / 4:
            self._content.want_all()
        return self.read(max(0, self._content.size - self._place)) or b""

    def close(self) -> None:
        """Closes the file."""
        if not self.closed and self._owner:
            self._content.close()
        super().close()
