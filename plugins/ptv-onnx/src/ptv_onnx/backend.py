"""Backend ``onnx``."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from ptv_deploy import Artifact, Backend, Program
from ptv_deploy.artifact import Precision
from ptv_deploy.loaded import Runner
from ptv_onnx.running import open_session, runner

_FILE: Final = "model.onnx"
_TO_EXPORT: Final = ("onnx", "onnxscript")


class Onnx(Backend):
    """ONNX Runtime on a CPU: fp32, and int8 with the ranges of calibration clips.

    There is no bf16: ONNX Runtime has no convolution in bf16 on a CPU.

    Args:
        threads: of inference; 0 for as many as PyTorch uses.
    """

    name: ClassVar[str] = "onnx"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "int8")
    requires: ClassVar[tuple[str, ...]] = ("torch", "onnxruntime", "onnx", "onnxscript")

    def __init__(self, *, threads: int = 0) -> None:
        self._threads = threads

    def missing(self, precision: Precision) -> str:
        """The export needs packages that running does not."""
        absent = [name for name in _TO_EXPORT if importlib.util.find_spec(name) is None]
        if absent:
            return f'the export needs {" and ".join(absent)}, not installed here: pip install "ptv-onnx[export]"'
        return ""

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Conversion names the operation that it does not know."""
        from ptv_onnx.conversion import convert

        model, obstacle = convert(program)
        program.forms[self.name] = model
        return obstacle

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.onnx``, weights included."""
        model = program.forms[self.name]
        (folder / _FILE).write_bytes(model.SerializeToString())
        return {}

    def open(self, artifact: Artifact) -> Runner:
        """A session; it takes any batch size."""
        return runner(open_session(artifact.folder / _FILE, threads=self._threads or torch.get_num_threads()))
