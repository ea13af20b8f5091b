"""The outputs inside a model that have time and space, and which of them to look at."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import torch
from attrs import frozen
from torch import nn

from ptv_cards.inspection import head_name
from ptv_registry.errors import ArgumentError

#: How many of the last outputs are asked for their gradients.
_CANDIDATES: Final = 12


@frozen
class Maps:
    """A layer's output, as (B, C, T, H, W) for each pathway; what it gave is a leaf of no other shape.

    Attributes:
        tensors: as the layer gave them, one for each pathway.
        grid: of tokens (B, N, C): their places (T, H, W).
    """

    tensors: tuple[torch.Tensor, ...]
    grid: tuple[int, int, int] | None = None

    def shaped(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Tensors of these shapes, such as gradients, as (B, C, T, H, W); a class token is left out."""
        if self.grid is None:
            return list(tensors)
        (tokens,) = tensors
        places = tokens[:, -math.prod(self.grid) :]
        return [places.transpose(1, 2).unflatten(2, self.grid)]

    @property
    def has_space(self) -> bool:
        """Whether there is more than one place in a frame."""
        return all(math.prod(tensor.shape[3:]) > 1 for tensor in self.shaped(self.tensors))


def maps_of(output: Any) -> Maps | None:
    """The maps in the output of a layer, if it has some.

    These are a tensor (B, C, T, H, W); a list of them, one for each pathway; or tokens (B, N, C) beside their grid
    (T, H, W), with or without a class token before them.
    """
    if isinstance(output, torch.Tensor):
        return Maps((output,)) if output.ndim == 5 and output.is_floating_point() else None
    if not isinstance(output, list | tuple) or not output:
        return None
    if all(isinstance(part, torch.Tensor) and part.ndim == 5 for part in output):
        return Maps(tuple(output))
    if len(output) == 2 and isinstance(output[0], torch.Tensor) and output[0].ndim == 3:
        grid = tuple(output[1]) if isinstance(output[1], list | tuple) else ()
        if len(grid) == 3 and output[0].shape[1] - math.prod(grid) in (0, 1):
            return Maps((output[0],), grid)
    return None


@contextmanager
def watching(model: nn.Module, names: Sequence[str], found: Callable[[str, Maps], None]) -> Iterator[None]:
    """Tells the maps of layers as they come; later layers get copies, so that none changes them in place."""

    def hook_of(name: str) -> Any:
        def hook(_: nn.Module, __: Any, output: Any) -> Any:
            maps = maps_of(output)
            if maps is None:
                return output
            found(name, maps)
            copies = [tensor.clone() for tensor in maps.tensors]
            if isinstance(output, torch.Tensor):
                return copies[0]
            rest = [] if maps.grid is None else [output[1]]
            return type(output)([*copies, *rest])

        return hook

    handles = [model.get_submodule(name).register_forward_hook(hook_of(name)) for name in names]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def find_layer(model: nn.Module, inputs: Any) -> str:
    """The last layer before the head whose output has time and space and on which the highest scores depend.

    Args:
        model: in eval mode.
        inputs: what it takes: a clip (B, C, T, H, W), or a list of them.

    Raises:
        ArgumentError: the layer does not exist.
    """
    head = head_name(model)
    # Inside an attention there are maps of single heads.
    inner = tuple(f"{name}." for name, module in model.named_modules() if hasattr(module, "attention_weights"))
    names = [
        name
        for name, module in model.named_modules()
        if name
        and not name.startswith(inner)
        and not (head and (name == head or name.startswith(f"{head}.")))
        and next(module.parameters(), None) is not None
    ]
    order: list[str] = []
    with torch.no_grad(), watching(model, names, lambda name, maps: order.append(name) if maps.has_space else None):
        model(inputs)
    last = list(dict.fromkeys(reversed(order)))[:_CANDIDATES]
    maps: dict[str, Maps] = {}
    with watching(model, last, maps.__setitem__):
        score = model(differentiable(inputs)).max(1).values.sum()
    for name in last:
        gradients = torch.autograd.grad(score, maps[name].tensors, allow_unused=True, retain_graph=True)
        if all(gradient is not None for gradient in gradients) and any(
            bool(gradient.any()) for gradient in maps[name].shaped([g for g in gradients if g is not None])
        ):
            return name
    raise ArgumentError(
        f"no layer of this {type(model).__name__} before its head gives (B, C, T, H, W) or tokens with their grid and has "
        "more than one place in a frame; give larger clips, or name a layer"
    )


def check_layer(model: nn.Module, inputs: Any, name: str) -> None:
    """Raises an error unless a layer can be looked at.

    Raises:
        ArgumentError: the layer does not exist, or its output has no time and space.
    """
    modules = dict(model.named_modules())
    fitting: list[str] = []
    with (
        torch.no_grad(),
        watching(
            model, [n for n in modules if n], lambda found, maps: fitting.append(found) if maps.has_space else None
        ),
    ):
        model(inputs)
    if name in fitting:
        return
    near = difflib.get_close_matches(name, fitting, 3) or list(dict.fromkeys(fitting))[-5:]
    problem = "has no output with time and space" if name in modules else "is not a layer of the model"
    raise ArgumentError(f"{name!r} {problem}; there are {', '.join(near)}", layer=name)


def differentiable(inputs: Any) -> Any:
    """Copies of a model's inputs with respect to which everything has a gradient, whatever its parameters have."""
    if isinstance(inputs, list | tuple):
        return [differentiable(part) for part in inputs]
    return inputs.detach().clone().requires_grad_()
