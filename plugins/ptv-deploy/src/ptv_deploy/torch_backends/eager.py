"""Backend ``eager``: PyTorch as it is, with what makes it faster at no cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch

from ptv_deploy.artifacts.artifact import Artifact, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.artifacts.signature import each_tensor
from ptv_deploy.program import Program
from ptv_deploy.torch_backends.allocator import keep_memory
from ptv_deploy.torch_backends.folding import fold_batch_norms
from ptv_deploy.torch_backends.torch_export import TorchExport, load_module, runner, save


class Eager(TorchExport):
    """PyTorch with batch norms folded, channels last, and a C library that keeps its memory.

    Args:
        fold: whether batch norms become part of the convolutions before them.
        channels_last: whether clips and weights lie in memory with their channels last.
        allocator: whether to let malloc of glibc keep memory, in the whole process that loads the artifact.
        device: where it runs: ``cpu``, ``cuda``, ``cuda:1`` and so on.
    """

    name: ClassVar[str] = "eager"

    def __init__(
        self, *, fold: bool = True, channels_last: bool = True, allocator: bool = True, device: str = "cpu"
    ) -> None:
        super().__init__(device=device)
        self._fold, self._channels_last, self._allocator = fold, channels_last, allocator

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.pt2`` of the folded model."""
        exported = program.exported
        folded = 0
        if self._fold:
            module = exported.module(check_guards=False)
            folded = fold_batch_norms(module)
            exported = program.traced_again(module) if folded else exported
        save(exported, folder)
        return {"folded": folded, "channels_last": self._channels_last}

    def open(self, artifact: Artifact) -> Runner:
        """The graph as a module."""
        if self._allocator:
            keep_memory()
        module = load_module(artifact, self.device)
        if not artifact.settings.get("channels_last", False):
            return runner(module, artifact.precision, self.device)
        run = runner(module.to(memory_format=torch.channels_last_3d), artifact.precision, self.device)
        return lambda args: run(each_tensor(args, _channels_last))


def _channels_last(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous(memory_format=torch.channels_last_3d) if tensor.ndim == 5 else tensor
