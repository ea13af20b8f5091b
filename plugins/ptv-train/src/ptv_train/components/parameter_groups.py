"""Which parameters learn how: groups without weight decay, and rates that fall from the head to the stem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.checks import check_positive

Groups = list[dict[str, Any]]


def parameter_groups(module: nn.Module) -> Groups:
    """What learns, as torch's optimizers take it: first what has two dimensions or more, then norms and biases.

    The second group has ``weight_decay`` 0, whatever the optimizer's own is.
    """
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in learning if parameter.ndim > 1]},
        {"params": [parameter for parameter in learning if parameter.ndim <= 1], "weight_decay": 0.0},
    ]


def with_layer_decay(params: Groups, model: nn.Module | None, lr: float, layer_decay: float) -> Groups:
    """The groups with a learning rate for each layer: ``lr`` for the head, ``layer_decay`` times as much a layer below.

    Layer-wise learning-rate decay as in BEiT, https://arxiv.org/abs/2106.08254, appendix. See :func:`layers_of`.

    Args:
        params: groups, as of :func:`parameter_groups`.
        model: the model whose parameters they are; what is not of the model has the rate of the head.
        lr: the rate of the head.
        layer_decay: in (0, 1]; 1 leaves the groups as they are.

    Raises:
        ArgumentError: ``layer_decay`` is out of range, or the model has no layers that are one above the other.
    """
    check_positive("lr", lr)
    if isinstance(layer_decay, bool) or not isinstance(layer_decay, int | float) or not 0 < layer_decay <= 1:
        raise ArgumentError(f"layer_decay={layer_decay!r} must be above 0 and at most 1", argument="layer_decay")
    if layer_decay == 1:
        return params
    if model is None:
        raise ArgumentError(f"layer_decay={layer_decay!r} needs the model whose layers are meant (model=)")
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    layers = layers_of(model)
    top = max(layers.values())
    groups: Groups = []
    for group in params:
        by_layer: dict[int, list[nn.Parameter]] = {}
        for parameter in group["params"]:
            layer = layers[names[id(parameter)]] if id(parameter) in names else top
            by_layer.setdefault(layer, []).append(parameter)
        for layer, members in sorted(by_layer.items()):
            groups.append({**group, "params": members, "lr": lr * layer_decay ** (top - layer)})
    return groups


def layers_of(model: nn.Module) -> dict[str, int]:
    """The layer of each parameter, from 0 next to the clip up to the head, by the parameter's name.

    The layers are the items of the model's ``nn.ModuleList`` (or its only ``nn.Sequential``): the stages of a
    convolutional network, the blocks of a transformer. What stands before it (patch and position embedding) is a layer
    below them, what stands after it (the last norm) is one with the head. Where there are several such lists or none the
    layers are the parts of the model in the order of their definition. The head (``head_path``) is the highest.

    Raises:
        ArgumentError: there is only one layer.
    """
    path, items = _layers(model)
    names = [name for name, _ in model.named_parameters()]
    inside = {item: number for number, item in enumerate(items)}
    prefix = f"{path}." if path else ""
    numbers = [
        inside.get(name.removeprefix(prefix).split(".")[0]) if name.startswith(prefix) else None for name in names
    ]
    known = [place for place, number in enumerate(numbers) if number is not None] or [len(names)]
    first, last = known[0], known[-1]
    has_below = any(number is None for number in numbers[:first])
    head = getattr(model, "head_path", None)
    is_head = [head is not None and name.startswith(f"{head}.") for name in names]
    above = max((number for number in numbers if number is not None), default=0) + 1 + has_below
    layers = {}
    for place, (name, number) in enumerate(zip(names, numbers, strict=True)):
        if number is not None:
            layers[name] = number + has_below
        else:
            layers[name] = above if place > last or is_head[place] else 0
    top = max(layers.values(), default=0)
    layers |= {name: top for name, of_head in zip(names, is_head, strict=True) if of_head}
    used = sorted(set(layers.values()))
    if len(used) < 2:
        raise ArgumentError(f"this {type(model).__name__} has one layer, so layer_decay means nothing; leave it at 1")
    return {name: used.index(layer) for name, layer in layers.items()}


def _layers(model: nn.Module) -> tuple[str, Sequence[str]]:
    """Path of the module whose children are the layers, and those children in order."""
    path, module = "", model
    while True:
        children = _children(module)
        inner = _list_among(children)
        if inner is None and len(children) == 1 and _children(children[0][1]):
            inner = children[0]
        if (isinstance(module, nn.ModuleList | nn.Sequential) and len(children) > 1) or inner is None:
            return path, [name for name, _ in children]
        path, module = f"{path}.{inner[0]}".lstrip("."), inner[1]


def _list_among(children: list[tuple[str, nn.Module]]) -> tuple[str, nn.Module] | None:
    """The only list of several parts: a ModuleList rather than a Sequential, which may as well be one part."""
    for kind in (nn.ModuleList, nn.Sequential):
        lists = [(name, child) for name, child in children if isinstance(child, kind) and len(_children(child)) > 1]
        if len(lists) == 1:
            return lists[0]
    return None


def _children(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """Those with parameters."""
    return [(n, child) for n, child in module.named_children() if next(child.parameters(), None) is not None]
