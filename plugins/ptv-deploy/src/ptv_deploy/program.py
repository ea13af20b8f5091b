"""``Program``: a model ready to be exported, and its graph with any batch size where the model allows it."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from ptv_deploy.artifacts.signature import Nested, Signature, arguments_of, each_tensor, leaves, on_device, part_of
from ptv_deploy.errors import UnsupportedError

# torch.export makes constants of sizes 0 and 1.
_TRACED_BATCH = 2

Batch = Literal["free", "example", "clip"]
"""The batch size of a graph: any where the model allows it, the example's, or one clip."""


class Program:
    """A model in eval mode with example inputs; the caller's model is left as it is.

    Args:
        model: what to export.
        example_inputs: a tensor or a list of pathways (the model's one argument), or a tuple of several arguments.
        batch: the batch size that the graph is to take.
        labels: the class of each calibration clip, where it is known.
        judged: whether the class that the model puts first means something, as it does not for random weights.

    Attributes:
        args: the positional arguments; of ``batch="clip"`` the first clip of the example where all tensors have
            one batch size.
        labels, judged: as given.
        forms: what a backend made of the graph when it looked for obstacles, so that writing need not do it again.
    """

    def __init__(
        self,
        model: nn.Module,
        example_inputs: Nested,
        *,
        batch: Batch = "free",
        labels: Sequence[int] | None = None,
        judged: bool = True,
    ) -> None:
        self.args = on_cpu(arguments_of(example_inputs))
        self._batch = batch
        if batch == "clip" and self._is_batched:
            self.args = part_of(self.args, 0, 1)
        self.labels, self.judged = labels, judged
        self.forms: dict[str, Any] = {}
        self._model = model

    @cached_property
    def module(self) -> nn.Module:
        """A copy of the model on the CPU, in eval mode, without gradients."""
        return copy.deepcopy(self._model).cpu().eval().requires_grad_(False)

    @cached_property
    def outputs(self) -> Nested:
        """What the model gives for the example inputs."""
        return self.run(self.args)

    @torch.no_grad()
    def run(self, args: tuple[Any, ...]) -> Nested:
        """The model's own outputs, on the CPU."""
        return self.module(*on_cpu(args))

    @cached_property
    def signature(self) -> Signature:
        """What the exported model takes and gives."""
        fixed = Signature.of(self.args, self.outputs, next(leaves(self.args)).shape[0])
        return Signature(fixed.inputs, fixed.outputs, None if self.has_free_batch else fixed.batch)

    @cached_property
    def exported(self) -> ExportedProgram:
        """The graph of the model, with a free batch size where the model allows it.

        Raises:
            UnsupportedError: torch.export cannot trace it.
        """
        free = self._traced(self.module, free_batch=True) if self._batch == "free" and self._is_batched else None
        if isinstance(free, ExportedProgram):
            return free
        fixed = self._traced(self.module, free_batch=False)
        if isinstance(fixed, ExportedProgram):
            return fixed
        raise UnsupportedError(
            f"torch.export cannot trace {type(self.module).__name__}: {first_line(fixed)}"
        ) from fixed

    @property
    def has_free_batch(self) -> bool:
        """Whether the graph takes any batch size."""
        return bool(self.exported.range_constraints)

    def traced_again(self, module: nn.Module, device: torch.device | None = None) -> ExportedProgram:
        """The graph of a rewritten form of the model, with the same freedom of the batch size; on a device."""
        found = self._traced(module, free_batch=self.has_free_batch, device=device)
        if isinstance(found, ExportedProgram):
            return found
        raise UnsupportedError(f"torch.export cannot trace the rewritten model: {first_line(found)}") from found

    @property
    def _is_batched(self) -> bool:
        tensors = list(leaves(self.args))
        return bool(tensors) and all(t.ndim and t.shape[0] == tensors[0].shape[0] for t in tensors)

    def _traced(
        self, module: nn.Module, *, free_batch: bool, device: torch.device | None = None
    ) -> ExportedProgram | Exception:
        args, shapes = on_device(self.args, device) if device else self.args, None
        if free_batch:
            args = each_tensor(args, _of_traced_batch)
            batch = Dim("batch", min=1)
            shapes = each_tensor(args, lambda tensor: {0: batch})
            if any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(module.forward).parameters.values()):
                shapes = (shapes,)  # torch.export wants them nested under the parameter's one name
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                return torch.export.export(module, args, dynamic_shapes=shapes)
        except Exception as error:  # noqa: BLE001 - tracing runs the model's own code, which may raise anything
            return error


def on_cpu(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where models are traced, compared and calibrated."""
    moved: tuple[Any, ...] = on_device(args, torch.device("cpu"))
    return moved


def _of_traced_batch(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.shape[0] >= _TRACED_BATCH:
        return tensor
    return tensor.expand(_TRACED_BATCH, *tensor.shape[1:]).contiguous()


def first_line(error: BaseException) -> str:
    """What a message begins with."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
