"""Backend ``coreml``."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from ptv_deploy import Artifact, Backend, Program
from ptv_deploy.artifacts.artifact import Artifacts, Precision
from ptv_deploy.artifacts.loaded_model import Runner
from ptv_deploy.artifacts.signature import Nested, arrays_of
from ptv_deploy.program import Batch

_FOLDER: Final = "model.mlpackage"


class CoreML(Backend):
    """Core ML, for iOS and macOS: written on any system in fp32, run on macOS only."""

    name: ClassVar[str] = "coreml"
    artifacts: ClassVar[Artifacts] = "data"
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32",)
    requires: ClassVar[tuple[str, ...]] = ("torch", "coremltools")
    batch: Batch = "example"

    def missing(self, precision: Precision) -> str:
        """The export needs coremltools."""
        if importlib.util.find_spec("coremltools") is None:
            return 'the export needs coremltools, which is not installed: pip install "ptv-coreml[export]"'
        return ""

    def cannot_run(self) -> str:
        """Core ML is a part of macOS."""
        if sys.platform != "darwin":
            return f"Core ML runs on macOS only, and this is {sys.platform}"
        return self.missing("fp32")

    def obstacle(self, program: Program, precision: Precision) -> str:
        """Conversion names the operation that it does not know."""
        from ptv_coreml.conversion import convert

        program.forms[self.name], obstacle = convert(program.exported)
        return obstacle

    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """``model.mlpackage``."""
        program.forms[self.name].save(str(folder / _FOLDER))
        return {}

    def open(self, artifact: Artifact) -> Runner:
        """The package, run by Core ML."""
        import coremltools as ct

        model = ct.models.MLModel(str(artifact.folder / _FOLDER))
        description = model.get_spec().description
        inputs, outputs = [item.name for item in description.input], [item.name for item in description.output]

        def run(args: tuple[Any, ...]) -> Nested:
            given = dict(zip(inputs, arrays_of(args), strict=True))
            found = model.predict(given)
            return [torch.from_numpy(found[name]) for name in outputs]

        return run
