"""Backend ``torch_export``: the graph of the model as ``torch.export`` gives it, run by PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import nn

from ptv_deploy.artifact import Artifact, Precision
from ptv_deploy.backend import Backend
from ptv_deploy.loaded import Runner
from ptv_deploy.program import Program

_FILE: Final = "model.pt2"


class TorchExport(Backend):
    """The graph of the model as ``torch.export`` gives it, run by PyTorch: the portable form, not a fast one."""

    name: ClassVar[str] = "torch_export"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "bf16")

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Tracing says what it cannot follow."""
        _ = program.exported
        return ""

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.pt2``."""
        save(program.exported, folder)
        return {}

    def open(self, artifact: Artifact) -> Runner:
        """The graph as a module; bf16 by autocast."""
        return runner(load_module(artifact.folder), artifact.precision)


def save(exported: torch.export.ExportedProgram, folder: Path) -> None:
    """Write a graph into the folder of an artifact."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(exported, folder / _FILE)


def load_module(folder: Path) -> nn.Module:
    """The graph in the folder of an artifact, as a module that imports nothing of the model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The signature was checked before; the graph's own guards would do it again.
        module = torch.export.load(folder / _FILE).module(check_guards=False)
    return module.requires_grad_(False)


def runner(module: Any, precision: Precision) -> Runner:
    """Call a module in a precision."""

    def run(args: tuple[Any, ...]) -> Any:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext():
            return module(*args)

    return run
