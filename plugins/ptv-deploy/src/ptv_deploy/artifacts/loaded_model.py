"""``LoadedModel``: an artifact that runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from ptv_deploy.artifacts.artifact import Artifact
from ptv_deploy.artifacts.signature import Nested, leaves, on_device, part_of
from ptv_deploy.errors import ArtifactError, InputMismatchError
from ptv_registry.errors import PtvError

Runner = Callable[[tuple[Any, ...]], Nested]
"""Takes the positional arguments, gives the model's outputs."""


class LoadedModel:
    """Takes and gives tensors as the model does: nested inputs, any batch size, outputs on the device of the inputs.

    Attributes:
        artifact: the record of what runs: signature, categories, recipe, parity.

    Args:
        runner: is given tensors on ``device`` and no other.
    """

    def __init__(self, artifact: Artifact, runner: Runner, device: torch.device) -> None:
        self.artifact = artifact
        self._runner, self._device = runner, device

    @torch.inference_mode()
    def __call__(self, *args: Nested) -> Nested:
        """The model's outputs.

        Raises:
            InputMismatchError: the inputs have another nesting, shape or type than those of the export.
            ArtifactError: what was exported cannot be run, or gives something else than its record says.
        """
        signature = self.artifact.signature
        signature.check(args)
        fixed = signature.batch
        size = next(leaves(args)).shape[0]
        if fixed is None or size == fixed:
            return self._run(args)
        if not signature.is_batched or size % fixed:
            raise InputMismatchError(f"this artifact takes batches of {fixed} or a multiple of it, and got {size}")
        parts = [self._run(part_of(args, start, start + fixed)) for start in range(0, size, fixed)]
        columns = zip(*(leaves(part) for part in parts), strict=True)
        return signature.outputs_from(torch.cat(column) for column in columns)

    def _run(self, args: tuple[Any, ...]) -> Nested:
        try:
            outputs = on_device(self._runner(on_device(args, self._device)), next(leaves(args)).device)
            return self.artifact.signature.outputs_from(leaves(outputs))
        except (PtvError, torch.OutOfMemoryError, MemoryError):
            raise
        except Exception as error:  # a graph that loads can still ask for what cannot be
            name, folder = self.artifact.backend["name"], self.artifact.folder
            cause = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ArtifactError(f"{name} cannot run {folder}: {cause}", path=str(folder), file="") from error

    def __repr__(self) -> str:
        return f"<{self.artifact.backend['name']} {self.artifact.precision} model at {self.artifact.folder}>"
