"""Inspects pickles and ``torch.save`` archives before they are read, for the memory and time they would take.

Which names a pickle may hold is its reader's business (``torch.load(weights_only=True)``); even so, a hundred bytes can ask
for gigabytes, or for a hash that takes years.
"""

from __future__ import annotations

import os
import pickletools
import zipfile
from pathlib import Path
from typing import Any, Final

from ptv_registry import limits
from ptv_registry.errors import PtvError

#: A checkpoint's shared values, written out each time that they are referred to.
_LARGEST_WRITTEN_OUT: Final = 20_000_000
_DEEPEST: Final = 500
#: Admitted by torch, and not needed for tensors: these make as much memory as a number says.
_MAKE_MEMORY: Final = (("builtins", "bytearray"), ("__builtin__", "bytearray"), ("torch", "Tensor"))


class UnsafeFileError(PtvError, ValueError):
    """A file would take more memory or time than one of its size can need."""


def check_archive(path: Path) -> None:
    """Refuse an archive of ``torch.save`` that is compressed, or whose pickle would take memory or time without bound.

    Raises:
        UnsafeFileError: it is one.
        zipfile.BadZipFile: it is not a zip archive.
        OSError: it cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        size = os.path.getsize(path)
        if sum(info.file_size for info in infos) > size:
            raise UnsafeFileError("its entries hold more than the file, and torch.save does not compress")
        if len({info.filename for info in infos}) != len(infos):
            raise UnsafeFileError("it holds two entries of one name")
        for info in infos:
            if info.filename.endswith(".pkl"):
                if info.file_size > limits.PICKLE_BYTES:
                    raise UnsafeFileError(f"its pickle is longer than {limits.PICKLE_BYTES >> 20} MB")
                check_pickle(archive.read(info), size)


def check_pickle(data: bytes, size: int, start: int = 0) -> int:
    """Refuse a pickle whose values would take memory or time without bound; where it ends.

    Args:
        data: the pickle, and what follows it.
        size: of all that comes with it, in bytes; no tensor in it can have more elements.
        start: where in the data it begins.

    Raises:
        UnsafeFileError: it is one.
        ValueError: it is not a pickle.
    """
    try:
        return _walk(data, size, start)
    except (IndexError, KeyError, AttributeError) as error:
        raise ValueError("it is damaged: its pickle refers to what is not there") from error


class _Value:
    """What stands on the unpickler's stack: how long it is written out, how deep, and the largest number in it."""

    __slots__ = ("depth", "largest", "written_out")

    def __init__(self, largest: int = 0) -> None:
        self.written_out = 1
        self.depth = 1
        self.largest = largest

    def add(self, parts: list[_Value]) -> _Value:
        for part in parts:
            self.written_out += part.written_out
            if part.depth >= self.depth:
                self.depth = part.depth + 1
            if part.largest > self.largest:
                self.largest = part.largest
        if self.written_out > _LARGEST_WRITTEN_OUT:
            raise UnsafeFileError("it refers to the same values again and again, so that reading it would take years")
        if self.depth > _DEEPEST:
            raise UnsafeFileError(f"it is nested more than {_DEEPEST} deep")
        return self


_SMALL: Final = _Value()

#: By the byte of an opcode: its name, how long its argument is (as pickletools says it), how many values it takes off the
#: stack (-1: those above the mark) and how many it puts there.
_Opcode = tuple[str, int, int, int]


def _described(opcode: Any) -> _Opcode:
    to_mark = pickletools.stackslice in opcode.stack_before or opcode.name == "POP_MARK"
    takes = -1 if to_mark else len(opcode.stack_before)
    return opcode.name, opcode.arg.n if opcode.arg else 0, takes, len(opcode.stack_after)


_OPCODES: Final[dict[int, _Opcode]] = {ord(opcode.code): _described(opcode) for opcode in pickletools.opcodes}
_PREFIX: Final = {-2: 1, -3: 4, -4: 4, -5: 8}
_FILL: Final = frozenset({"APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS", "BUILD"})
_REMEMBER: Final = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_RECALL: Final = frozenset({"GET", "BINGET", "LONG_BINGET"})
_NUMBERS: Final = frozenset({"INT", "BININT", "BININT2", "LONG", "LONG1", "LONG4"})


def _walk(data: bytes, size: int, position: int) -> int:
    """Follow the opcodes with sizes of values in the place of values; where the pickle ends."""
    stack: list[_Value] = []
    marks: list[int] = []
    memo: dict[int, _Value] = {}
    while True:
        name, length, takes, gives = _OPCODES[data[position]]
        position += 1
        start, position = _argument(data, position, name, length)
        if name == "STOP":
            return position
        if name in _REMEMBER:
            memo[len(memo) if name == "MEMOIZE" else _number(data, start, position, length)] = stack[-1]
        elif name in _RECALL:
            stack.append(memo[_number(data, start, position, length)])
        elif name == "MARK":
            marks.append(len(stack))
        elif name == "DUP":
            stack.append(stack[-1])
        elif name == "POP" and marks and marks[-1] == len(stack):
            marks.pop()
        elif name in _FILL:
            first = marks.pop() if takes < 0 else len(stack) - takes + 1
            if first < 1:
                raise ValueError("it is damaged: its pickle fills what is not there")
            if stack[first - 1] is _SMALL:
                stack[first - 1] = _Value()
            stack[first - 1].add(stack[first:])
            del stack[first:]
        else:
            if name in ("GLOBAL", "INST", "STACK_GLOBAL"):
                _check_name(data[start:position], data[max(0, start - 64) : start])
            first = marks.pop() if takes < 0 else len(stack) - takes
            if first < 0:
                raise ValueError("it is damaged: its pickle takes what is not there")
            parts = stack[first:]
            del stack[first:]
            if name == "BINPERSID" and parts[0].largest > max(size, 255):
                raise UnsafeFileError(f"a tensor of {parts[0].largest} numbers stands in a file of {size} bytes")
            if parts:
                stack += [_Value().add(parts)] * gives
            elif gives:
                number = abs(_number(data, start, position, length)) if name in _NUMBERS else 0
                stack.append(_Value(number) if number or takes < 0 or name.startswith("EMPTY") else _SMALL)


def _argument(data: bytes, position: int, name: str, length: int) -> tuple[int, int]:
    """Where the argument of an opcode begins and ends."""
    if length >= 0:
        end = position + length
    elif length == pickletools.UP_TO_NEWLINE:
        end = data.index(b"\n", position) + 1
        if name in ("GLOBAL", "INST"):
            end = data.index(b"\n", end) + 1
    else:
        start = position + _PREFIX[length]
        position, end = start, start + int.from_bytes(data[position:start], "little")
    if end > len(data):
        raise ValueError("it is cut off")
    return position, end


def _number(data: bytes, start: int, end: int, length: int) -> int:
    if length == pickletools.UP_TO_NEWLINE:
        return int(data[start:end].strip().rstrip(b"L")[:40] or b"0")
    return int.from_bytes(data[start : min(end, start + 16)], "little", signed=length != 1)


def _check_name(named: bytes, before: bytes) -> None:
    words = named.replace(b"\n", b" ").strip().decode("latin1") or before.decode("latin1")
    for module, name in _MAKE_MEMORY:
        if words == f"{module} {name}" or (not named and module in words and name in words):
            raise UnsafeFileError(f"it names {module}.{name}, which takes as much memory as it is told to")
