"""Backend ``compile``: TorchInductor with frozen weights, compiled when the artifact is loaded."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from ptv_deploy.artifacts.artifact import Artifact, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.artifacts.signature import leaves, on_device
from ptv_deploy.errors import UnsupportedError
from ptv_deploy.program import first_line
from ptv_deploy.torch_backends.allocator import keep_memory
from ptv_deploy.torch_backends.cxx_compiler import missing_compiler
from ptv_deploy.torch_backends.torch_export import TorchExport, load_module, runner


class Compile(TorchExport):
    """TorchInductor with frozen weights, compiled when the artifact is loaded and for every new batch size.

    Compilation takes seconds to minutes. Where it fails or a limit is hit that is an error: nothing falls back to
    uncompiled code in silence.

    Args:
        allocator: whether to let malloc of glibc keep memory, in the whole process that loads the artifact.
        device: where it runs: ``cpu``, ``cuda``, ``cuda:1`` and so on.
    """

    name: ClassVar[str] = "compile"

    def __init__(self, *, allocator: bool = True, device: str = "cpu") -> None:
        super().__init__(device=device)
        self._allocator = allocator

    def missing(self, precision: Precision) -> str:
        """Inductor needs a C++ compiler."""
        return missing_compiler()

    def open(self, artifact: Artifact) -> Runner:
        """The compiled graph; the example's batch size is compiled now."""
        if self._allocator:
            keep_memory()
        compiled: dict[int, Runner] = {}

        def run(args: tuple[Any, ...]) -> Any:
            # One function per batch size: dynamo gives up on a function after a few sizes and runs it uncompiled.
            size = next(leaves(args)).shape[0]
            if size not in compiled:
                # The graph is loaded again, as dynamo counts compilations by code and not by function.
                module = load_module(artifact, self.device)
                whole = torch.compile(module, fullgraph=True, dynamic=False, options={"freezing": True})
                compiled[size] = runner(whole, artifact.precision, self.device)
            try:
                return compiled[size](args)
            except (torch._dynamo.exc.TorchDynamoException, torch._inductor.exc.InductorError) as error:
                raise UnsupportedError(
                    f"TorchInductor cannot compile it: {first_line(error)}", backend="compile"
                ) from error

        run(on_device(artifact.signature.example(artifact.signature.batch or 1), self.device))
        return run
