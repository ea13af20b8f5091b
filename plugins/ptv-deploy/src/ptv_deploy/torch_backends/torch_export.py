"""Backend ``torch_export``: the graph of the model as ``torch.export`` gives it, run by PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import nn
from torch.export.passes import move_to_device_pass

from ptv_deploy.artifacts.artifact import Artifact, Artifacts, Precision
from ptv_deploy.artifacts.graph_file import load_graph
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.program import Program
from ptv_deploy.torch_backends.torch_backend import TorchBackend

_FILE: Final = "model.pt2"


class TorchExport(TorchBackend):
    """The graph of the model as ``torch.export`` gives it, run by PyTorch: the portable form, not a fast one.

    Args:
        device: where it runs: ``cpu``, ``cuda``, ``cuda:1`` and so on.
    """

    name: ClassVar[str] = "torch_export"
    artifacts: ClassVar[Artifacts] = "data"

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.pt2``."""
        save(program.exported, folder)
        return {}

    def open(self, artifact: Artifact) -> Runner:
        """The graph as a module; bf16 by autocast."""
        return runner(load_module(artifact, self.device), artifact.precision, self.device)


def save(exported: torch.export.ExportedProgram, folder: Path) -> None:
    """Write a graph into the folder of an artifact."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(exported, folder / _FILE)


def load_module(artifact: Artifact, device: torch.device) -> nn.Module:
    """The graph of an artifact, as a module that imports nothing of the model.

    Raises:
        ArtifactError: see :func:`ptv_deploy.artifacts.graph_file.load_graph`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exported = load_graph(artifact.folder / _FILE, trusted=artifact.trusted)
        if device.type != "cpu":  # graphs are written for the CPU, and name it where they make tensors
            exported = move_to_device_pass(exported, device)
        # The signature was checked before; the graph's own guards would do it again.
        module = exported.module(check_guards=False)
    return module.requires_grad_(False)


def runner(module: Any, precision: Precision, device: torch.device) -> Runner:
    """Call a module that is on a device in a precision."""

    def run(args: tuple[Any, ...]) -> Any:
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext():
            return module(*args)

    return run
