"""Backend ``openvino``."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import openvino as ov

from ptv_deploy import Artifact, Backend, Program
from ptv_deploy.artifact import Precision
from ptv_deploy.loaded import Runner
from ptv_openvino.conversion import convert
from ptv_openvino.running import BatchSizes

_FILE: Final = "model.xml"
_HINTS: Final = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}  # a quantised model has no implementation with bf16
ActivationRange = Literal["minmax", "default"]


class OpenVINO(Backend):
    """OpenVINO on a CPU: fp32, bf16, and int8 by NNCF.

    Args:
        threads: of inference; 0 leaves it to OpenVINO.
        activation_range: how int8 finds the ranges of activations: ``minmax`` of all calibration clips, or the
            ``default`` of NNCF, a mean over clips, which lost two to five times as much on ResNet and R(2+1)D.
    """

    name: ClassVar[str] = "openvino"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "bf16", "int8")
    requires: ClassVar[tuple[str, ...]] = ("torch", "openvino", "nncf")

    def __init__(self, *, threads: int = 0, activation_range: ActivationRange = "minmax") -> None:
        self._threads, self._activation_range = threads, activation_range

    def missing(self, precision: Precision) -> str:
        """int8 needs NNCF for the export, bf16 a processor that has it."""
        if precision == "int8" and importlib.util.find_spec("nncf") is None:
            return 'the export in int8 needs NNCF, which is not installed: pip install "ptv-openvino[int8]"'
        if precision == "bf16" and "BF16" not in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            return "this processor has no bf16, so OpenVINO would run it in fp32; use fp32 or int8"
        return ""

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Conversion names the operations that it does not know."""
        model, obstacle = convert(program)
        program.forms[self.name] = model
        return obstacle

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.xml`` and ``model.bin``."""
        model = program.forms[self.name]
        if precision == "int8":
            from ptv_openvino.quantization import quantize

            model = quantize(model, calibration, self._activation_range)
        ov.save_model(model, folder / _FILE, compress_to_fp16=False)
        return {"activation_range": self._activation_range} if precision == "int8" else {}

    def open(self, artifact: Artifact) -> Runner:
        """Compiled for each batch size when it is first seen; for the example's now."""
        config = {
            "INFERENCE_PRECISION_HINT": _HINTS[artifact.precision],
            "PERFORMANCE_HINT": "LATENCY",
            **({"INFERENCE_NUM_THREADS": self._threads} if self._threads else {}),
        }
        run = BatchSizes(artifact.folder / _FILE, artifact.signature, config)
        run.prepare(artifact.signature.example(artifact.signature.batch or 1))
        return run
