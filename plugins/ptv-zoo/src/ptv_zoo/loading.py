"""Weights into a model: strictly, but for the head of another dataset."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from attrs import frozen
from torch import nn

from ptv_cards.inspection import classifier_name
from ptv_cards.renamed_parameters import with_current_names
from ptv_zoo.errors import HeadDroppedWarning, WeightsFileError, WeightsMismatchError
from ptv_zoo.foreign_names import renamed
from ptv_zoo.reading import Layout, WeightsFile, read_weights

_SHOWN = 12


@frozen
class Difference:
    """How weights differ from what a model has.

    Attributes:
        missing: names that the model has and the file has not.
        unexpected: names that the file has and the model has not.
        reshaped: name to (shape in the file, shape in the model).
    """

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    reshaped: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.reshaped)

    def __str__(self) -> str:
        lines = []
        shapes = [
            f"{n}: {_shape(there)} in the file, {_shape(here)} in the model"
            for n, (there, here) in self.reshaped.items()
        ]
        for title, rows in (
            ("missing (in the model, not in the file)", self.missing),
            ("unexpected (in the file, not in the model)", self.unexpected),
            ("of another shape", shapes),
        ):
            if rows:
                lines.append(f"  {len(rows)} {title}:")
                lines += [f"    {row}" for row in rows[:_SHOWN]]
                if len(rows) > _SHOWN:
                    lines.append(f"    ... and {len(rows) - _SHOWN} more")
        return "\n".join(lines)


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"


@frozen
class Loaded:
    """What became of a file of weights.

    Attributes:
        layout: of the file.
        dropped: parameters of the file that were left out, because they are for other classes; the model's own, if it
            has any, keep their values.
        classes: of the file's head, where it was dropped.
        taken_off: what wrappers had left in the names, such as ``module._orig_mod.``.
    """

    layout: Layout
    dropped: tuple[str, ...]
    classes: int | None
    taken_off: tuple[str, ...] = ()


def load_weights(model: nn.Module, path: str | Path, *, source: str = "") -> Loaded:
    """Put the weights of a file into a model. Names and shapes must agree, but for the classes of the head.

    Args:
        model: whose parameters and buffers are overwritten; nothing is, if an error is raised.
        path: safetensors, or a checkpoint of PyTorchVideo, PySlowFast, Lightning, ``ptv train``, VMZ or plain torch.
        source: what to call the file in messages; its path by default.

    Raises:
        WeightsFileError: the file cannot be read safely.
        WeightsMismatchError: it is for another model; the message lists what differs.

    Warns:
        HeadDroppedWarning: the file is for other classes; names the parameters that were left out.
    """
    own = model.state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in own.items()}
    file = read_weights(path)
    source = source or str(path)
    taken_off = file.unwrapping_for(shapes).taken_off
    weights = named_for(model, file, shapes)
    if file.layout == "caffe2":  # keeps no count of batches
        weights |= {name: tensor for name, tensor in own.items() if name.endswith("num_batches_tracked")}
    difference = compare(weights, shapes)
    dropped = _head_of_other_classes(model, difference, weights)
    if difference and not dropped:
        wrapped = f" ({', '.join(map(repr, taken_off))} taken off their names)" if taken_off else ""
        raise WeightsMismatchError(
            f"the weights of {source}{wrapped} are not for this {type(model).__name__}:\n{difference}",
            missing=list(difference.missing),
            unexpected=list(difference.unexpected),
            reshaped={name: list(map(list, shapes)) for name, shapes in difference.reshaped.items()},
        )
    classes = next((int(weights[name].shape[0]) for name in dropped), None)
    kept = {name: tensor for name, tensor in weights.items() if name not in dropped}
    model.load_state_dict(kept, strict=not dropped)
    if dropped:
        new = (
            f"the model's, for {shapes[dropped[0]][0]}, are random" if dropped[0] in shapes else "the model has no head"
        )
        warnings.warn(
            f"{source} is for {classes} classes; left out {', '.join(dropped)} ({new})",
            HeadDroppedWarning,
            stacklevel=2,
        )
    return Loaded(file.layout, dropped, classes, taken_off)


def named_for(model: nn.Module, file: WeightsFile, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """A file's tensors under a model's names; those of other projects, where a plugin knows them.

    Args:
        model: of which the names are.
        file: of any layout.
        shapes: names and shapes of the model's state dict.

    Raises:
        WeightsFileError: the names are Caffe2's, and nobody knows them.
    """
    try:
        weights = with_current_names(model, file.named_for(shapes))
    except WeightsFileError:
        foreign = renamed(file.tensors, shapes)
        if foreign is None:
            raise
        return foreign
    foreign = renamed(file.tensors, shapes) if any(name not in weights for name in shapes) else None
    return weights if foreign is None else foreign


def compare(weights: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Difference:
    """How weights differ from a state dict's names and shapes."""
    found = {name: tuple(getattr(tensor, "shape", ())) for name, tensor in weights.items()}
    return Difference(
        tuple(name for name in shapes if name not in found),
        tuple(name for name in found if name not in shapes),
        {n: (found[n], shapes[n]) for n in shapes if n in found and found[n] != shapes[n]},
    )


def _head_of_other_classes(
    model: nn.Module, difference: Difference, weights: Mapping[str, torch.Tensor]
) -> tuple[str, ...]:
    """The names that differ, if they are exactly the classifier's and differ in the number of classes alone."""
    if difference.missing:
        return ()
    name = classifier_name(model)
    if name is None:
        return _whole_head(model, difference)
    own = tuple(f"{name}.{parameter}" for parameter, _ in model.get_submodule(name).named_parameters())
    if difference.unexpected or set(difference.reshaped) != set(own):
        return ()
    same_features = all(there[1:] == here[1:] for there, here in difference.reshaped.values())
    return own if same_features else ()


def _whole_head(model: nn.Module, difference: Difference) -> tuple[str, ...]:
    """All unexpected names, if the model has no head and they are of one module that would stand after its last."""
    parts = {".".join(name.split(".")[: 2 if name.startswith("blocks.") else 1]) for name in difference.unexpected}
    blocks = getattr(model, "blocks", ())
    heads = {f"blocks.{len(blocks)}", "head", "fc", "detection_head"}
    if difference.reshaped or len(parts) != 1 or not parts <= heads:
        return ()
    return tuple(sorted(difference.unexpected, key=lambda name: not name.endswith("proj.weight")))
