"""A program of ExecuTorch that takes tensors."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import torch

from ptv_deploy.signature import Nested, leaves
from ptv_executorch.quiet import quietly
from ptv_registry.errors import PtvError

with quietly():
    from executorch.runtime import Runtime, Verification


class RuntimeMissingError(PtvError, RuntimeError):
    """The runtime at hand lacks what a program needs."""


class LoadedProgram:
    """Runs the method ``forward`` of a program file."""

    def __init__(self, file: Path) -> None:
        runtime = Runtime.get()
        if not runtime.backend_registry.is_available("XnnpackBackend"):
            raise RuntimeMissingError("this ExecuTorch was built without XNNPACK; install executorch from PyPI")
        self._program = runtime.load_program(file, verification=Verification.InternalConsistency)
        self._method = self._program.load_method("forward")
        self._lock = Lock()

    def __call__(self, args: tuple[Any, ...]) -> Nested:
        """The output tensors."""
        with self._lock:
            outputs: list[torch.Tensor] = list(self._method.execute([leaf.contiguous() for leaf in leaves(args)]))
        return outputs
