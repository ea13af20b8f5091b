"""Backend ``executorch``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from ptv_deploy import Artifact, Backend, Program
from ptv_deploy.artifacts.artifact import Artifacts, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.artifacts.signature import leaves
from ptv_deploy.program import Batch
from ptv_deploy.torch_backends.folding import fold_batch_norms

_FILE: Final = "model.pte"


class ExecuTorch(Backend):
    """ExecuTorch, the runtime for mobile devices, with XNNPACK: fp32 and int8, for one batch size.

    XNNPACK has only operations on images, so the graph is rewritten before (:mod:`ptv_executorch.operations`).
    What the delegate took is in ``settings["delegate"]`` of the artifact.
    """

    name: ClassVar[str] = "executorch"
    artifacts: ClassVar[Artifacts] = "code"  # the runtime does not check all that a program asks of memory
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "int8")
    requires: ClassVar[tuple[str, ...]] = ("torch", "executorch", "torchao")
    batch: Batch = "example"

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Rewriting names the first operation that has no form for images, or that the runtime lacks."""
        from ptv_executorch.operations import rewrite

        graph = program.exported.module(check_guards=False)
        fold_batch_norms(graph)
        program.forms[self.name] = rewrite(graph)
        return ""

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.pte``."""
        from ptv_executorch.lowering import lower, traced
        from ptv_executorch.quantization import quantize

        clips = tuple(leaves(program.args))
        images = traced(program.forms[self.name], clips)
        if precision == "int8":
            images = traced(quantize(images, calibration), clips)
        data, share = lower(images)
        (folder / _FILE).write_bytes(data)
        return {"delegate": share.to_dict()}

    def open(self, artifact: Artifact) -> Runner:
        """The program, ready to run."""
        from ptv_executorch.running import LoadedProgram

        return LoadedProgram(artifact.folder / _FILE)
