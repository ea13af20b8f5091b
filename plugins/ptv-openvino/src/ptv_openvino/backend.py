"""Backend ``openvino``."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import openvino as ov

from ptv_deploy import Artifact, ArtifactError, Backend, Program
from ptv_deploy.artifacts.artifact import Artifacts, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.weight_bits import WeightBits, checked
from ptv_openvino.conversion import convert
from ptv_openvino.core import Rest, calculating_in, has_bf16
from ptv_openvino.layers import name_layers
from ptv_openvino.running import BatchSizes
from ptv_registry.errors import ArgumentError

_FILE: Final = "model.xml"
ActivationRange = Literal["minmax", "default"]


class OpenVINO(Backend):
    """OpenVINO on a CPU: fp32, bf16, and int8 by NNCF.

    Args:
        threads: of inference; 0 leaves it to OpenVINO.
        activation_range: how int8 finds the ranges of activations: ``minmax`` of all calibration clips, or the
            ``default`` of NNCF, a mean over clips, which lost two to five times as much on ResNet and R(2+1)D.
        rest: what int8 does not quantise is calculated in this. ``auto`` is bf16 if the processor has it and, for trained
            weights, enough decisions are kept; else fp32.
        keep: names of modules whose layers int8 does not quantise, for example ``["blocks.5"]``.
        agreement: share of the calibration clips whose first class int8 must keep. Where it does not, and where it
            loses more than a point of accuracy on clips whose classes are known, layers return to higher precision until
            it does, the most sensitive ones first. 0 leaves them as they are, which is also done for random weights.
        tries: how many layers return at most.
        weight_bits: of int8. 7 gives the same results on every x86 processor; 8 is finer, for processors with VNNI only:
            others cut off large sums of products.
    """

    name: ClassVar[str] = "openvino"
    artifacts: ClassVar[Artifacts] = "data"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32", "bf16", "int8")
    requires: ClassVar[tuple[str, ...]] = ("torch", "openvino", "nncf")

    def __init__(
        self,
        *,
        threads: int = 0,
        activation_range: ActivationRange = "minmax",
        rest: Rest = "auto",
        keep: Sequence[str] = (),
        agreement: float = 0.98,
        tries: int = 12,
        weight_bits: WeightBits = 7,
    ) -> None:
        if not 0 <= agreement <= 1 or tries < 1:
            raise ArgumentError(f"agreement={agreement!r} must be a share from 0 to 1, and tries={tries!r} at least 1")
        self._threads, self._activation_range, self._rest = threads, activation_range, rest
        self._keep, self._agreement, self._tries = tuple(keep), agreement, tries
        self._weight_bits = checked(weight_bits)

    def missing(self, precision: Precision) -> str:
        """int8 needs NNCF for the export, bf16 a processor that has it."""
        if precision == "int8" and importlib.util.find_spec("nncf") is None:
            return 'the export in int8 needs NNCF, which is not installed: pip install "ptv-openvino[int8]"'
        if precision == "int8" and self._rest == "bf16" and not has_bf16():
            return "this processor has no bf16; leave rest as it is, or choose fp32"
        if precision == "bf16" and not has_bf16():
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
        facts: Mapping[str, Any] = {}
        if precision == "int8":
            from ptv_openvino.quantization import Recipe, quantize

            name_layers(model, program)
            agreement = self._agreement if program.judged else 0.0
            recipe = Recipe(self._activation_range, self._rest, self._keep, agreement, self._tries, self._weight_bits)
            model, facts = quantize(model, calibration, recipe, program.labels)
        ov.save_model(model, folder / _FILE, compress_to_fp16=False)
        return facts

    def open(self, artifact: Artifact) -> Runner:
        """Compiled for each batch size when it is first seen; for the example's now."""
        config = {
            **calculating_in(artifact.settings.get("rest", artifact.precision)),
            "PERFORMANCE_HINT": "LATENCY",
            **({"INFERENCE_NUM_THREADS": self._threads} if self._threads else {}),
        }
        with (artifact.folder / _FILE).open("rb") as file:
            head = file.read(5)
        if head not in (
            b"<?xml",
            b"<net ",
        ):  # OpenVINO would take it for a model of another framework, which names files
            msg = f"{artifact.folder / _FILE} is not an OpenVINO model"
            raise ArtifactError(msg, path=str(artifact.folder), file=_FILE)
        run = BatchSizes(artifact.folder / _FILE, artifact.signature, config)
        run.prepare(artifact.signature.example(artifact.signature.batch or 1))
        return run
