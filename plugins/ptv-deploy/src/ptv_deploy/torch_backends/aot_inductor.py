"""Backend ``aot_inductor``: a library that TorchInductor compiled ahead of time."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import nn

from ptv_deploy.artifacts.artifact import Artifact, Artifacts, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.errors import ArtifactError, UnsupportedError
from ptv_deploy.muted_logging import quietly
from ptv_deploy.program import Program, first_line
from ptv_deploy.torch_backends.allocator import keep_memory
from ptv_deploy.torch_backends.cxx_compiler import missing_compiler
from ptv_deploy.torch_backends.device import absent
from ptv_deploy.torch_backends.torch_backend import TorchBackend

_FILE: Final = "model.pt2"


class AotInductor(TorchBackend):
    """A library that TorchInductor compiled ahead of time, with frozen weights; it runs on processors like this one.

    On the CPU it is compiled for one clip, so that sizes are constants and weights lie as its convolutions want them;
    the clips of a batch run one after the other. Few cores lose nothing by that; many may do more with the clips of a
    batch at once, which ``free_batch=True`` gives.

    Args:
        free_batch: whether one call takes a batch of any size; by default on other devices than the CPU.
        allocator: whether to let malloc of glibc keep memory, in the whole process that loads the artifact.
        device: what it is compiled for and where it runs: ``cpu``, ``cuda``, ``cuda:1`` and so on.
    """

    name: ClassVar[str] = "aot_inductor"
    artifacts: ClassVar[Artifacts] = "code"

    def __init__(self, *, free_batch: bool | None = None, allocator: bool = True, device: str = "cpu") -> None:
        super().__init__(device=device)
        self._allocator = allocator
        if free_batch is None:
            free_batch = self.device.type != "cpu"
        self.batch = "free" if free_batch else "clip"

    def missing(self, precision: Precision) -> str:
        """Inductor needs a C++ compiler, and the device that it compiles for."""
        return missing_compiler() or absent(self.device)

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.pt2``, a package of a shared library and its weights."""
        exported = program.exported
        here = self.device.type == "cpu"
        if precision == "bf16" or not here:
            module = program.module if here else copy.deepcopy(program.module).to(self.device)
            whole = _InBfloat16(module, self.device.type) if precision == "bf16" else module
            exported = program.traced_again(whole, self.device)
        try:
            with quietly(), torch.no_grad():
                torch._inductor.aoti_compile_and_package(
                    exported, package_path=str(folder / _FILE), inductor_configs={"freezing": True}
                )
        except Exception as error:
            # Not only its own exceptions: a lowering that lacks an operation raises whatever it meets.
            msg = f"TorchInductor cannot compile it: {first_line(error)}"
            raise UnsupportedError(msg, backend=self.name) from error
        return {"processor": self._processor()}

    def open(self, artifact: Artifact) -> Runner:
        """Load the library."""
        here = self._processor()
        if artifact.settings["processor"] != here:
            msg = f"{artifact.folder} was compiled for {artifact.settings['processor']}, and this processor is {here}; export it here"
            raise ArtifactError(msg, path=str(artifact.folder), file=_FILE)
        if self._allocator:
            keep_memory()
        place = -1 if self.device.index is None else self.device.index
        with quietly():
            package = torch._inductor.aoti_load_package(str(artifact.folder / _FILE), device_index=place)
        return lambda args: package(*args)

    def _processor(self) -> str:
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return torch.backends.cpu.get_cpu_capability() if self.device.type == "cpu" else self.device.type


class _InBfloat16(nn.Module):
    def __init__(self, model: nn.Module, device_type: str) -> None:
        super().__init__()
        self.model, self._device_type = model, device_type

    def forward(self, *args: Any) -> Any:
        with torch.autocast(self._device_type, torch.bfloat16):
            return self.model(*args)
