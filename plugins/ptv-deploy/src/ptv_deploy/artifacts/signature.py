"""``Signature``: what a model takes and gives, nested as it is, as JSON data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, Final

import torch
from attrs import field, frozen

from ptv_deploy.errors import InputMismatchError
from ptv_registry import limits
from ptv_registry.errors import ArgumentError
from ptv_registry.records import RecordError, checked, shown

Nested = Any
"""A tensor, or a list, tuple or dict of such."""
_DEEPEST: Final = 16


def leaves(value: Nested) -> Iterator[torch.Tensor]:
    """The tensors of a nested value in order.

    Raises:
        ArgumentError: something in it is neither a tensor nor a list, tuple or dict.
    """
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        raise _no_tensors(value)


def arrays_of(value: Nested) -> list[Any]:
    """The tensors of a nested value as NumPy arrays, in order; without a copy where the memory lies in order."""
    return [leaf.detach().contiguous().numpy() for leaf in leaves(value)]


def each_tensor(value: Nested, change: Callable[[torch.Tensor], Any]) -> Nested:
    """The same nesting with every tensor changed.

    Raises:
        ArgumentError: as :func:`leaves`.
    """
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: each_tensor(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(each_tensor(item, change) for item in value)
    raise _no_tensors(value)


def on_device(value: Nested, device: torch.device) -> Nested:
    """The same nesting with every tensor on a device."""
    return each_tensor(value, lambda tensor: tensor.to(device))


def part_of(value: Nested, start: int, end: int) -> Nested:
    """The same nesting with some clips of every tensor."""
    return each_tensor(value, lambda tensor: tensor[start:end])


def arguments_of(inputs: Nested) -> tuple[Any, ...]:
    """The positional arguments that inputs mean: a tuple is several, a tensor or a list (of pathways) is one."""
    return inputs if isinstance(inputs, tuple) else (inputs,)


@frozen
class Signature:
    """What a model takes and gives.

    Attributes:
        inputs: structure of the positional arguments.
        outputs: structure of the result.
        batch: ``None`` if any batch size is taken, else the only one that the exported program knows.
    """

    inputs: Any
    outputs: Any
    batch: int | None = field(
        validator=checked(lambda v: v is None or (type(v) is int and v > 0), "a number of clips, or null")
    )

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.inputs, dict) or list(self.inputs) != ["tuple"] or not self.inputs["tuple"]:
            raise RecordError(f"inputs must be a tuple of arguments, and are {shown(self.inputs)}")
        for name, structure in (("inputs", self.inputs), ("outputs", self.outputs)):
            _check_structure(structure, name, 0)
            tensors = list(_tensors(structure))
            numbers = sum(prod(leaf["shape"][1:]) for leaf in tensors)
            if not tensors or len(tensors) > limits.NESTED_TENSORS or numbers > limits.SIGNATURE_ELEMENTS:
                raise RecordError(f"{name} are {len(tensors)} tensors of {numbers} numbers for each clip")

    @classmethod
    def of(cls, args: tuple[Any, ...], outputs: Nested, batch: int | None) -> Signature:
        """The signature of a call."""
        return cls(_structure(args), _structure(outputs), batch)

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        return {"inputs": self.inputs, "outputs": self.outputs, "batch": self.batch}

    def check(self, args: tuple[Any, ...]) -> None:
        """Refuse inputs of another nesting, shape or type; the first dimension of each is the batch and is free.

        Raises:
            InputMismatchError: the message says what is taken.
        """
        _check(args, self.inputs, "inputs")
        sizes = {leaf.shape[0] for leaf in leaves(args) if leaf.ndim}
        if self.is_batched and (len(sizes) != 1 or 0 in sizes):
            raise InputMismatchError(
                f"the inputs have batches of {sorted(sizes)} clips; all must have one size above 0"
            )

    @property
    def is_batched(self) -> bool:
        """Whether all inputs and outputs have the batch as their first dimension."""
        sizes = [leaf["shape"][:1] for leaf in _tensors(self.inputs)] + [
            leaf["shape"][:1] for leaf in _tensors(self.outputs)
        ]
        return all(size and size[0] == sizes[0][0] for size in sizes)

    @property
    def input_shapes(self) -> list[list[int]]:
        """The example's shapes, in the order of :func:`leaves`."""
        return [leaf["shape"] for leaf in _tensors(self.inputs)]

    def example(self, batch: int = 1) -> tuple[Any, ...]:
        """Arguments of zeros."""

        def zeros(leaf: dict[str, Any]) -> torch.Tensor:
            shape = [batch, *leaf["shape"][1:]] if self.is_batched else leaf["shape"]
            return torch.zeros(shape, dtype=getattr(torch, leaf["dtype"]))

        return tuple(_fill(item, zeros) for item in self.inputs["tuple"])

    def outputs_from(self, flat: Iterator[torch.Tensor]) -> Nested:
        """Nest a flat run of output tensors, each with the type that the model gives."""
        return _fill(self.outputs, lambda leaf: next(flat).to(getattr(torch, leaf["dtype"])))


def _structure(value: Nested) -> Any:
    if isinstance(value, torch.Tensor):
        return {"tensor": {"shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch.")}}
    if isinstance(value, dict):
        return {"dict": {str(key): _structure(item) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return {"tuple" if isinstance(value, tuple) else "list": [_structure(item) for item in value]}
    raise _no_tensors(value)


def _no_tensors(value: Any) -> ArgumentError:
    return ArgumentError(f"{value!r} is neither a tensor nor a list, tuple or dict of tensors")


def _check_structure(structure: Any, where: str, depth: int) -> None:
    """Raise :class:`RecordError` where a structure is not one of :func:`_structure`."""
    if depth > _DEEPEST or not isinstance(structure, dict) or len(structure) != 1:
        raise RecordError(f"{where} must be one tensor, list, tuple or dict, and is {shown(structure)}")
    ((form, content),) = structure.items()
    if form == "tensor":
        shape = content.get("shape") if isinstance(content, dict) else None
        if not isinstance(shape, list) or len(shape) > _DEEPEST or not all(type(n) is int and n >= 0 for n in shape):
            raise RecordError(f"{where} must have a shape, and is {shown(content)}")
        kind = getattr(torch, content["dtype"], None) if isinstance(content.get("dtype"), str) else None
        if not isinstance(kind, torch.dtype):
            raise RecordError(f"{where} has the dtype {shown(content.get('dtype'))}")
    elif form == "dict" and isinstance(content, dict):
        for key, item in content.items():
            _check_structure(item, f"{where}[{shown(key)}]", depth + 1)
    elif form in ("list", "tuple") and isinstance(content, list):
        for index, item in enumerate(content):
            _check_structure(item, f"{where}[{index}]", depth + 1)
    else:
        raise RecordError(f"{where} has the unknown part {shown(form)}")


def _fill(structure: Any, leaf: Callable[[dict[str, Any]], torch.Tensor]) -> Nested:
    ((form, content),) = structure.items()
    if form == "tensor":
        return leaf(content)
    if form == "dict":
        return {key: _fill(item, leaf) for key, item in content.items()}
    items = [_fill(item, leaf) for item in content]
    return tuple(items) if form == "tuple" else items


def _tensors(structure: Any) -> Iterator[dict[str, Any]]:
    ((form, content),) = structure.items()
    if form == "tensor":
        yield content
        return
    for item in content.values() if form == "dict" else content:
        yield from _tensors(item)


def _check(value: Nested, structure: Any, where: str) -> None:
    ((form, content),) = structure.items()
    if form == "tensor":
        if not isinstance(value, torch.Tensor):
            raise InputMismatchError(f"{where} is {type(value).__name__}; the model takes a tensor there")
        shape, wanted = list(value.shape), content["shape"]
        if len(shape) != len(wanted) or shape[1:] != wanted[1:]:
            free = ["B", *wanted[1:]] if wanted else []
            raise InputMismatchError(
                f"{where} has shape {tuple(shape)}; the artifact was exported for ({', '.join(map(str, free))})"
            )
        if str(value.dtype) != f"torch.{content['dtype']}":
            raise InputMismatchError(f"{where} is {value.dtype}; the artifact takes torch.{content['dtype']}")
        return
    kind = dict if form == "dict" else list | tuple
    if not isinstance(value, kind) or len(value) != len(content):
        raise InputMismatchError(f"{where} must be a {form} of {len(content)}, and is {type(value).__name__}")
    keys = content.keys() if form == "dict" else range(len(content))
    for key in keys:
        if form == "dict" and key not in value:
            raise InputMismatchError(f"{where} has no {key!r}")
        _check(value[key], content[key], f"{where}[{key!r}]")
