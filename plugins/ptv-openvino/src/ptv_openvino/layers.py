"""Layers by the names that the model's own modules have."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch
from torch.nn.functional import normalize

from ptv_deploy import Program
from ptv_registry.errors import ArgumentError

_WEIGHTED: Final = ("Convolution", "GroupConvolution", "MatMul")


def name_layers(model: Any, program: Program) -> None:
    """Give convolutions and linear layers the names of their modules.

    OpenVINO numbers them, and those that it folded norms into get a number that says nothing. Folding scales the rows
    of a weight and nothing else, so that the directions of its rows tell which one it is.
    """
    known: dict[tuple[int, ...], dict[str, torch.Tensor]] = {}
    for name, tensor in program.exported.state_dict.items():
        if name.endswith("weight") and tensor.ndim > 1:
            rows = _rows(tensor)
            known.setdefault(tuple(rows.shape), {})[name.removesuffix("weight").removesuffix(".")] = rows
    used: dict[str, int] = {}
    for layer, weight in _weighted(model):
        rows = _rows(torch.from_numpy(weight.copy()))
        candidates = known.get(tuple(rows.shape), {})
        if not candidates:
            continue
        likeness, name = max(((rows * other).sum(1).abs().mean().item(), name) for name, other in candidates.items())
        if likeness > 0.9:  # else the weight is of no module, or it is all zeros
            used[name] = used.get(name, 0) + 1
            layer.set_friendly_name(name if used[name] == 1 else f"{name}#{used[name]}")


def layers_within(model: Any, wanted: Sequence[str]) -> list[str]:
    """The layers of a model that have one of these names, or that lie within a module that has.

    Raises:
        ArgumentError: a name means no layer; the message names similar ones.
    """
    known = [layer.get_friendly_name() for layer, _ in _weighted(model)]
    found: dict[str, None] = {}
    for name in wanted:
        inside = [layer for layer in known if layer == name or layer.startswith((f"{name}.", f"{name}#"))]
        if not inside:
            similar = difflib.get_close_matches(name, known, 5, 0.3) or known[:5]
            raise ArgumentError(f"keep: the model has no layer {name!r}; among its layers are {', '.join(similar)}")
        found.update(dict.fromkeys(inside))
    return list(found)


def better_unquantised(model: Any) -> list[str]:
    """Operations that 8 bits make hardly faster, or slower, and less exact.

    What remains are the layers that multiply matrices, the sums of residual blocks, and what hands 8 bits on. Depthwise
    convolutions are bound by memory, and OpenVINO does many of them in fp32 between conversions; products of two
    activations and normalisations lose the kernels that take a whole attention at once.
    """
    return [
        node.get_friendly_name()
        for node in model.get_ordered_ops()
        if node.get_type_name() not in _STRUCTURE and not _gains_from_8_bits(node)
    ]


_STRUCTURE: Final = ("Constant", "Parameter", "Result")
_HANDED_ON: Final = ("Relu", "Concat", "MaxPool", "AvgPool")


def _gains_from_8_bits(node: Any) -> bool:
    kind = node.get_type_name()
    if kind == "Add":
        return _is_of_convolutions(node)
    if kind not in _WEIGHTED:
        return kind in _HANDED_ON
    weight = node.input_value(1).get_node()
    if weight.get_type_name() != "Constant":
        return False
    # The weights of grouped convolutions are (groups, out, in, T, H, W).
    return kind != "GroupConvolution" or tuple(weight.get_output_shape(0)[1:3]) != (1, 1)


def _is_of_convolutions(node: Any) -> bool:
    """A sum of what convolutions give, or of one and its bias; not the sums of transformers, which are normalised."""
    terms = [node.input_value(port).get_node() for port in (0, 1)]
    return any(_layer_behind(term).get_type_name() in ("Constant", "Convolution", "GroupConvolution") for term in terms)


def _layer_behind(node: Any) -> Any:
    """Past activations and biases."""
    while node.get_type_name() == "Relu" or _adds_a_constant(node):
        node = node.input_value(0).get_node()
    return node


def _adds_a_constant(node: Any) -> bool:
    return node.get_type_name() == "Add" and node.input_value(1).get_node().get_type_name() == "Constant"


def quantised_layers(model: Any) -> list[str]:
    """Operations that have an input of 8 bits."""
    return [
        node.get_friendly_name()
        for node in model.get_ordered_ops()
        if node.get_type_name() not in (*_REPRESENTATION, "ShapeOf")
        and any(_is_8_bit(node.input_value(port).get_node()) for port in range(node.get_input_size()))
    ]


# How 8-bit numbers are written down in a graph whose arithmetic is that of floats.
_REPRESENTATION: Final = ("FakeQuantize", "Convert", "Subtract", "Multiply", "Reshape", "Result")


def _is_8_bit(source: Any) -> bool:
    if source.get_type_name() == "FakeQuantize":
        return True
    while source.get_type_name() in _REPRESENTATION and source.get_input_size():
        source = source.input_value(0).get_node()
    return source.get_type_name() == "Constant" and source.get_element_type().get_type_name() in ("i8", "u8")


def _weighted(model: Any) -> Iterator[tuple[Any, Any]]:
    for node in model.get_ordered_ops():
        if node.get_type_name() in _WEIGHTED:
            source = node.input_value(1).get_node()
            if source.get_type_name() == "Constant":
                # The weights of grouped convolutions are (groups, out, in, T, H, W).
                data = source.data
                grouped = node.get_type_name() == "GroupConvolution"
                yield node, data.reshape(-1, *data.shape[2:]) if grouped else data


def _rows(weight: torch.Tensor) -> torch.Tensor:
    return normalize(weight.detach().float().flatten(1), dim=1)
