"""Backend ``onnx``."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from ptv_deploy import Artifact, ArtifactError, Backend, Program
from ptv_deploy.artifacts.artifact import Artifacts, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.program import first_line
from ptv_deploy.weight_bits import WeightBits, checked
from ptv_onnx.running import OrtError, open_session, runner

_FILE: Final = "model.onnx"
_TO_EXPORT: Final = ("onnx", "onnxscript")


class OnnxRuntime(Backend):
    """ONNX Runtime on a CPU: fp32, and int8 with the ranges of calibration clips; one portable file.

    bf16 is not offered: ONNX Runtime has no bf16 convolution on CPUs. int8 quantises what has weights; in networks
    without attention also the sums and pools between convolutions. The products of attention, softmax and the norms of
    transformers stay in fp32. The settings of the artifact count both.

    Args:
        threads: of inference; 0 for as many as PyTorch has.
        weight_bits: of int8. 7 gives the same results on every x86 processor; 8 is finer, for processors with VNNI only:
            others cut off large sums of products.
    """

    name: ClassVar[str] = "onnx"
    artifacts: ClassVar[Artifacts] = "data"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "int8")
    requires: ClassVar[tuple[str, ...]] = ("torch", "onnxruntime", *_TO_EXPORT)

    def __init__(self, *, threads: int = 0, weight_bits: WeightBits = 7) -> None:
        self._threads, self._weight_bits = threads, checked(weight_bits)

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
        """``model.onnx`` with its weights."""
        model = program.forms[self.name]
        if precision == "int8":
            from ptv_onnx.quantization import quantize

            return quantize(model, folder / _FILE, calibration, self._weight_bits)
        (folder / _FILE).write_bytes(model.SerializeToString())
        return {}

    def open(self, artifact: Artifact) -> Runner:
        """A session, which takes any batch size."""
        try:
            session = open_session(artifact.folder / _FILE, threads=self._threads or torch.get_num_threads())
        except OrtError as error:
            msg = f"ONNX Runtime cannot open {artifact.folder / _FILE}: {first_line(error)}"
            raise ArtifactError(msg, path=str(artifact.folder), file=_FILE) from error
        return runner(session)
