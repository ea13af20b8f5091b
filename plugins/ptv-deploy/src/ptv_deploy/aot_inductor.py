"""Backend ``aot_inductor``: a library that TorchInductor compiled ahead of time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import nn

from ptv_deploy.allocator import keep_memory
from ptv_deploy.artifact import Artifact, Precision
from ptv_deploy.backend import Backend
from ptv_deploy.compiler import missing_compiler
from ptv_deploy.errors import ArtifactError, UnsupportedError
from ptv_deploy.loaded import Runner
from ptv_deploy.program import Program, first_line

_FILE: Final = "model.pt2"


class AotInductor(Backend):
    """A library that TorchInductor compiled ahead of time, with frozen weights; it runs on processors like this one.

    Args:
        allocator: whether to let malloc of glibc keep memory, in the whole process that loads the artifact.
    """

    name: ClassVar[str] = "aot_inductor"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "bf16")

    def __init__(self, *, allocator: bool = True) -> None:
        self._allocator = allocator

    def missing(self, precision: Precision) -> str:
        """Inductor needs a C++ compiler."""
        return missing_compiler()

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Tracing says what it cannot follow."""
        _ = program.exported
        return ""

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.pt2``, a package of a shared library and its weights."""
        exported = program.exported
        if precision == "bf16":
            exported = program.traced_again(_InBfloat16(program.module))
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                torch._inductor.aoti_compile_and_package(
                    exported, package_path=str(folder / _FILE), inductor_configs={"freezing": True}
                )
        except Exception as error:
            # Not only its own exceptions: a lowering that lacks an operation raises whatever it meets.
            msg = f"TorchInductor cannot compile it: {first_line(error)}"
            raise UnsupportedError(msg, backend=self.name) from error
        return {"processor": torch.backends.cpu.get_cpu_capability()}

    def open(self, artifact: Artifact) -> Runner:
        """Load the library."""
        here = torch.backends.cpu.get_cpu_capability()
        if artifact.settings["processor"] != here:
            msg = f"{artifact.folder} was compiled for {artifact.settings['processor']}, and this processor is {here}; export it here"
            raise ArtifactError(msg, path=str(artifact.folder), file=_FILE)
        if self._allocator:
            keep_memory()
        package = torch._inductor.aoti_load_package(str(artifact.folder / _FILE))
        return lambda args: package(*args)


class _InBfloat16(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *args: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return self.model(*args)
