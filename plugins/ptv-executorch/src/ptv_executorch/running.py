"""A program of ExecuTorch that takes tensors."""

from __future__ import annotations

from pathlib import Path
from struct import Struct
from threading import Lock
from typing import Any, Final

import torch

from ptv_deploy import ArtifactError, UnsupportedError
from ptv_deploy.artifacts.signature import Nested, leaves
from ptv_deploy.muted_logging import quietly

with quietly():
    from executorch.runtime import Runtime, Verification

# Offset of the root, identifier, then the extended header: its name, its length, size of the program, start of data.
_HEADER: Final = Struct("<I4s4sIQQ")


class LoadedProgram:
    """Runs the method ``forward`` of a program file."""

    def __init__(self, file: Path) -> None:
        _check(file)
        runtime = Runtime.get()
        if not runtime.backend_registry.is_available("XnnpackBackend"):
            raise UnsupportedError("this ExecuTorch was built without XNNPACK; install executorch from PyPI")
        self._program = runtime.load_program(file, verification=Verification.InternalConsistency)
        self._method = self._program.load_method("forward")
        self._lock = Lock()

    def __call__(self, args: tuple[Any, ...]) -> Nested:
        """The output tensors."""
        with self._lock:
            outputs: list[torch.Tensor] = list(self._method.execute([leaf.contiguous() for leaf in leaves(args)]))
        return outputs


def _check(file: Path) -> None:
    """Refuse what would end the process: the runtime throws what Python cannot catch at files of other kinds."""
    with file.open("rb") as opened:
        head = opened.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise _damaged(file, "is too short for a program of ExecuTorch")
    _, identifier, extended, _, program, segments = _HEADER.unpack(head)
    if not identifier.startswith(b"ET") or extended != b"eh00":
        raise _damaged(file, "is not an ExecuTorch program")
    if max(program, segments) > file.stat().st_size:
        raise _damaged(file, "is cut off")


def _damaged(file: Path, what: str) -> ArtifactError:
    return ArtifactError(f"{file} {what}", path=str(file.parent), file=file.name)
