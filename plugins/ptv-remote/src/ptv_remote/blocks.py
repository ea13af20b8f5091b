"""A file that fetches what is read of it, block by block."""

from __future__ import annotations

import io
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO, Final, Protocol

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

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``, all of them."""

    def close(self) -> None:
        """Lets go of what it holds."""


class BlockFile(io.RawIOBase):
    """A read-only, seekable binary file over :class:`Ranges`, that keeps the blocks read last.

    Reading on from where the last fetch ended fetches more and more at a time, up to ``AHEAD`` blocks or a 400th of the
    file. Who has read a quarter of the file wants all of it: it is fetched whole, through the cache, and read from there.

    Args:
        ranges: the file.
        whole: opens the file's copy in the cache, which it fetches first.
        head: the beginning of the file, if it is here already.
    """

    def __init__(self, ranges: Ranges, whole: Callable[[], BinaryIO], head: bytes = b"") -> None:
        super().__init__()
        self.name = ranges.uri
        self._ranges, self._whole = ranges, whole
        self._size, self._place, self._fetched = ranges.size, 0, len(head)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        for number in range(len(head) // BLOCK):
            self._blocks[number] = head[number * BLOCK : (number + 1) * BLOCK]
        self._next, self._run = len(self._blocks), 1
        self._most = max(1, min(AHEAD, self._size // 400 // BLOCK))
        self._local: BinaryIO | None = None
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self._size

    @property
    def fetched(self) -> int:
        """How many bytes were fetched as blocks."""
        return self._fetched

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place in the file."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place in the file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}.get(whence)
        if base is None or base + offset < 0:
            msg = f"cannot seek to {offset} (whence {whence}) in {self._size} bytes"
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
            count = max(0, min(len(view), self._size - self._place))
            done = 0
            while done < count:
                if self._local is not None:
                    self._local.seek(self._place)
                    piece = self._local.read(count - done)
                else:
                    number, within = divmod(self._place, BLOCK)
                    piece = self._block(number)[within : within + count - done]
                if not piece:
                    msg = f"{self.name} ends at {self._place} of {self._size} bytes"
                    raise OSError(msg)
                view[done : done + len(piece)] = piece
                done += len(piece)
                self._place += len(piece)
        return count

    def readall(self) -> bytes:
        """The rest of the file."""
        return self.read(max(0, self._size - self._place)) or b""

    def close(self) -> None:
        """Closes the file."""
        if not self.closed:
            self._blocks.clear()
            self._ranges.close()
            if self._local is not None:
                self._local.close()
        super().close()

    def _block(self, number: int) -> bytes:
        found = self._blocks.get(number)
        if found is not None:
            self._blocks.move_to_end(number)
            return found
        if self._fetched > self._size / 4 + BLOCK:
            logger.info("%s: much of it is read, so it is fetched whole", self.name)
            self._local = self._whole()
            if self._local.seek(0, io.SEEK_END) != self._size:
                raise FileChangedError(f"{self.name} had {self._size} bytes when it was opened, and has others now")
            self._local.seek(number * BLOCK)
            return self._local.read(BLOCK)
        self._run = min(2 * self._run, self._most) if number == self._next else 1
        start, stop = number * BLOCK, min((number + self._run) * BLOCK, self._size)
        data = self._ranges.read(start, stop)
        self._fetched += len(data)
        for place in range(0, len(data), BLOCK):
            self._blocks[number + place // BLOCK] = data[place : place + BLOCK]
        self._next = number + self._run
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        return self._blocks[number]
