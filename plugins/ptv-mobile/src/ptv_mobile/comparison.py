"""The outputs of a model before and after a conversion, compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from attrs import field, frozen
from torch import nn

from ptv_registry.errors import ArgumentError, PtvError


class ParityError(PtvError, ValueError):
    """A converted model does not give the outputs of the original; ``fields["report"]`` has the figures."""


@frozen
class ConversionReport:
    """What a conversion did.

    Attributes:
        converted: by path in the model, the class that stands there now.
        left: by path, why a module that could have been converted was not.
        largest_difference: between an output before and after, as a fraction of the largest output before.
        absolute_difference: the same as it is.
        tolerance: what ``largest_difference`` may be.
    """

    converted: Mapping[str, str]
    left: Mapping[str, str] = field(factory=dict)
    largest_difference: float = 0.0
    absolute_difference: float = 0.0
    tolerance: float = 0.0

    def __str__(self) -> str:
        lines = [
            f"{len(self.converted)} modules converted, largest difference {self.largest_difference:.2e} of the largest "
            f"output (at most {self.tolerance:.0e})",
            *(f"left as it is: {path or 'the model'}: {reason}" for path, reason in self.left.items()),
        ]
        return "\n".join(lines)


def arguments_of(example_inputs: Any) -> tuple[Any, ...]:
    """Positional arguments: a tuple is the arguments, anything else (a tensor, SlowFast's list) is the only one."""
    return example_inputs if isinstance(example_inputs, tuple) else (example_inputs,)


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """The tensors in nested lists, tuples and mappings."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)


def run(model: nn.Module, arguments: tuple[Any, ...]) -> list[torch.Tensor]:
    """The outputs of a model for inputs that it may change, without gradients."""
    if next(tensors_in(arguments), None) is None:
        msg = f"the example inputs hold no tensor: {type(arguments[0]).__name__ if arguments else 'nothing'}"
        raise ArgumentError(msg, argument="example_inputs")
    with torch.no_grad():
        return [output.clone() for output in tensors_in(model(*_copied(arguments)))]


def _copied(value: Any) -> Any:
    """The value with copies of the tensors and lists in it, which a model may change."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if type(value) in (list, tuple):
        return type(value)(map(_copied, value))
    if type(value) is dict:
        return {name: _copied(item) for name, item in value.items()}
    return value


def compared(
    before: list[torch.Tensor], after: list[torch.Tensor], tolerance: float, **done: Mapping[str, str]
) -> ConversionReport:
    """The report of a conversion.

    Raises:
        ParityError: the outputs differ by more than ``tolerance`` of the largest, in shape or in number.
    """
    shapes = [[tuple(output.shape) for output in outputs] for outputs in (before, after)]
    if not before or shapes[0] != shapes[1]:
        raise ParityError(f"the outputs were of shapes {shapes[0]} and are {shapes[1]} after the conversion")
    largest = absolute = relative = 0.0
    for old, new in zip(before, after, strict=True):
        old, new = old.double(), new.double()
        same = (old == new) | (old.isnan() & new.isnan())
        difference = torch.where(same, 0.0, (old - new).abs())
        largest = max(largest, float(old.nan_to_num().abs().max()) if old.numel() else 0.0)
        found = float(difference.nan_to_num(nan=float("inf")).max()) if old.numel() else 0.0
        absolute = max(absolute, found)
    if absolute > 0:
        relative = absolute / largest if largest > 0 else float("inf")
    report = ConversionReport(
        converted=done.get("converted", {}),
        left=done.get("left", {}),
        largest_difference=relative,
        absolute_difference=absolute,
        tolerance=tolerance,
    )
    if relative > tolerance:
        msg = (
            f"after the conversion an output differs by {relative:.2e} of the largest, more than tolerance={tolerance:g}: "
            "the converted model is not handed out"
        )
        raise ParityError(msg, report=report)
    return report
