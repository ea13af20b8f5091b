"""A backend."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch

from ptv_deploy import Artifact, Backend, Program


class MineBackend(Backend):
    """The graph of torch.export, run by PyTorch; replace it with your backend."""

    name: ClassVar[str] = "mine"
    artifacts: ClassVar[Literal["data", "code"]] = "code"  # "data", if files of yours can do nothing but calculate

    def obstacle(self, program: Program, precision: str) -> str:
        """Tracing says what it cannot follow."""
        _ = program.exported
        return ""

    def write(
        self, program: Program, folder: Path, precision: str, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """The file ``graph.pt2``."""
        torch.export.save(program.exported, folder / "graph.pt2")
        return {}

    def open(self, artifact: Artifact) -> Any:
        """The graph as a function of the model's arguments."""
        module = torch.export.load(artifact.folder / "graph.pt2").module()
        return lambda args: module(*args)
