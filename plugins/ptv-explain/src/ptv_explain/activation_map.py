"""Heat maps of one clip: class activation maps by gradients, and attention roll-out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import torch
from attrs import frozen
from torch import nn
from torch.nn import functional

from ptv_explain.layers import Maps, check_layer, differentiable, find_layer, watching
from ptv_explain.rollout import roll_out
from ptv_registry.errors import ArgumentError

Method = Literal["gradcam", "gradcam++", "layercam", "rollout"]
"""``gradcam``: Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391; ``gradcam++``: Chattopadhay et al. 2018,
https://arxiv.org/abs/1710.11063; ``layercam``: Jiang et al. 2021, https://doi.org/10.1109/TIP.2021.3089943; ``rollout``:
Abnar and Zuidema 2020, https://arxiv.org/abs/2005.00928."""


@frozen
class HeatMap:
    """Where a model looks.

    Attributes:
        heat: (B, T, H, W) of the input, or of the pathway with the most frames, in [0, 1]; the highest of each clip is 1
            unless nothing speaks for the class, where all is 0.
        layer: whose output was looked at; ``attention`` of a roll-out.
        classes: (B), which class was asked about.
        scores: (B, classes), what the model gave.
    """

    heat: torch.Tensor
    layer: str
    classes: torch.Tensor
    scores: torch.Tensor


def heat_map(
    model: nn.Module,
    inputs: torch.Tensor | Sequence[torch.Tensor],
    *,
    classes: Sequence[int] | None = None,
    method: Method = "gradcam",
    layer: str | None = None,
) -> HeatMap:
    """Where a model looks for a class; time and space are those of the input.

    The model is left as it was: eval mode is for the time of the call, and parameters get no gradients.

    Args:
        model: gives (B, classes).
        inputs: clips (B, C, T, H, W), or a list of them, one for each pathway.
        classes: (B), what to explain; the first of each clip by default.
        method: how; ``rollout`` takes no class, and needs attention modules with a method ``attention_weights``.
        layer: name of a module as in ``named_modules()``; by default see :func:`ptv_explain.find_layer`.

    Raises:
        ArgumentError: the method, a class or the layer does not exist, or the model has no layer to look at.
    """
    if method not in get_args(Method):
        raise ArgumentError(f"method={method!r}; there are {', '.join(get_args(Method))}", method=method)
    training = [module for module in model.modules() if module.training]
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    model.eval()
    for parameter in learning:
        parameter.requires_grad_(False)
    try:
        if method == "rollout":
            return _rolled_out(model, inputs, layer)
        return _by_gradients(model, inputs, classes, method, layer)
    finally:
        for parameter in learning:
            parameter.requires_grad_(True)
        for module in training:
            module.training = True


def _by_gradients(
    model: nn.Module, inputs: Any, classes: Sequence[int] | None, method: Method, layer: str | None
) -> HeatMap:
    if layer is None:
        layer = find_layer(model, inputs)
    else:
        check_layer(model, inputs, layer)
    caught: list[Maps] = []
    with torch.enable_grad(), watching(model, [layer], lambda _, maps: caught.append(maps)):
        scores = _checked(model(differentiable(inputs)))
        asked = _classes(classes, scores)
        maps = caught[-1]  # a layer that is called several times is looked at the last time
        total = scores.gather(1, asked[:, None]).sum()
        gradients = torch.autograd.grad(total, maps.tensors, allow_unused=True)
    used = [g if g is not None else torch.zeros_like(t) for g, t in zip(gradients, maps.tensors, strict=True)]
    activations = maps.shaped([tensor.detach() for tensor in maps.tensors])
    each = [_weighted(a, g, method) for a, g in zip(activations, maps.shaped(used), strict=True)]
    return HeatMap(_joined(each, _size(inputs)), layer, asked, scores.detach())


def _weighted(activation: torch.Tensor, gradient: torch.Tensor, method: Method) -> torch.Tensor:
    """The map (B, T, H, W) of a layer from its output and the score's gradient there, both (B, C, T, H, W)."""
    places = (2, 3, 4)
    if method == "layercam":
        return (gradient.relu() * activation).sum(1).relu()
    if method == "gradcam++":
        squares = gradient.square()
        cubes = (activation * gradient**3).sum(places, keepdim=True)
        divisor = 2 * squares + cubes
        share = torch.where(divisor != 0, squares / torch.where(divisor != 0, divisor, 1.0), 0.0)
        weights = (share * gradient.relu()).sum(places, keepdim=True)
    else:
        weights = gradient.mean(places, keepdim=True)
    return (weights * activation).sum(1).relu()


def _rolled_out(model: nn.Module, inputs: Any, layer: str | None) -> HeatMap:
    if layer is not None:
        raise ArgumentError(f"attention roll-out goes through all layers; leave out layer={layer!r}", layer=layer)
    with torch.no_grad():
        heat, output = roll_out(model, inputs)
        scores = _checked(output)
    return HeatMap(_joined([heat], _size(inputs)), "attention", scores.argmax(1), scores)


def _joined(maps: Sequence[torch.Tensor], size: tuple[int, int, int]) -> torch.Tensor:
    """The mean over pathways of maps (B, t, h, w), each brought to one size and to a highest value of 1."""
    grown = [
        _to_one(functional.interpolate(one[:, None].float(), size, mode="trilinear", align_corners=False)[:, 0])
        for one in maps
    ]
    return _to_one(torch.stack(grown).mean(0))


def _to_one(maps: torch.Tensor) -> torch.Tensor:
    highest = maps.amax((1, 2, 3), keepdim=True)
    return torch.where(highest > 0, maps / torch.where(highest > 0, highest, 1.0), 0.0)


def _size(inputs: Any) -> tuple[int, int, int]:
    pathways = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    longest = max(pathways, key=lambda pathway: pathway.shape[2])
    frames, height, width = longest.shape[2:]
    return frames, height, width


def _checked(output: Any) -> torch.Tensor:
    if not isinstance(output, torch.Tensor) or output.ndim != 2:
        shape = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
        raise ArgumentError(f"the model gives {shape}; to explain a class it must give (clips, classes)")
    return output


def _classes(classes: Sequence[int] | None, scores: torch.Tensor) -> torch.Tensor:
    if classes is None:
        return scores.detach().argmax(1)
    count, number = scores.shape
    wrong = [one for one in classes if not 0 <= one < number]
    if len(classes) != count or wrong:
        problem = f"class {wrong[0]} of {number}" if wrong else f"{len(classes)} classes for {count} clips"
        raise ArgumentError(f"{problem}: give one for each clip, from 0 to {number - 1}")
    return torch.tensor(list(classes), device=scores.device)
