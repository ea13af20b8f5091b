"""What is inside any of the models: head, features, and where parameters and operations go."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from attrs import frozen
from torch import nn

import ptv_registry
from ptv_cards.clip_input import ClipInput
from ptv_registry.errors import ArgumentError


class _ReachedError(Exception):
    """Raised to end a forward pass at the head."""


def head_name(model: nn.Module) -> str | None:
    """Where the head is, as the model says; ``None`` for a model without a head, or one that does not say.

    See :class:`ptv_cards.classifier.Classifier`.
    """
    name: str | None = getattr(model, "head_path", None)
    return name


def classifier_name(model: nn.Module) -> str | None:
    """Where the linear layer is whose outputs are the classes, as the model says."""
    name: str | None = getattr(model, "classifier_path", None)
    return name


def num_classes(model: nn.Module) -> int | None:
    """Number of classes of the head; ``None`` for a model without one."""
    name = classifier_name(model)
    return None if name is None else int(model.get_submodule(name).out_features)  # type: ignore[arg-type]


def reset_head(model: nn.Module, num_classes: int) -> tuple[str, ...]:
    """Replace the head's classifier with a fresh one for another number of classes; all other weights stay.

    Args:
        model: says where its classifier is; see :class:`ptv_cards.classifier.Classifier`.
        num_classes: of the new one; 0 takes the classifier and the scores' activation away, so that the model gives
            pooled features.

    Returns:
        The names of the parameters that are new.

    Raises:
        ArgumentError: the model has no classifier, or the number is negative.
    """
    name = classifier_name(model)
    if name is None:
        raise ArgumentError(
            f"this {type(model).__name__} has no head with a linear layer that could be reset, or does not say where it "
            "is (an attribute classifier_path with the dotted name of the layer)"
        )
    if num_classes < 0:
        raise ArgumentError(f"num_classes is {num_classes}; give a number of classes, or 0 for features")
    if num_classes == 0:
        for part in filter(None, (name, getattr(model, "score_activation", None))):
            parent, _, leaf = part.rpartition(".")
            setattr(model.get_submodule(parent), leaf, nn.Identity())
        ptv_registry.forget(model, "its classifier was taken away after it was built")
        return ()
    old = model.get_submodule(name)
    place = {"device": old.weight.device, "dtype": old.weight.dtype}
    new = nn.Linear(old.in_features, num_classes, bias=old.bias is not None, **place)  # type: ignore[arg-type]
    init_classifier(new)
    new.train(old.training)
    parent, _, leaf = name.rpartition(".")
    setattr(model.get_submodule(parent), leaf, new)
    ptv_registry.forget(model, f"its head was reset to {num_classes} classes after it was built")
    return tuple(f"{name}.{parameter}" for parameter, _ in new.named_parameters())


@torch.no_grad()
def init_classifier(layer: nn.Linear) -> None:
    """Draw a classifier's weights as the published models' builders do."""
    nn.init.normal_(layer.weight, std=0.01)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def forward_features(model: nn.Module, *inputs: Any) -> Any:
    """What the head would get: run the model up to it, on clips of any size that the rest takes.

    Args:
        model: any model; one without a head runs whole.
        *inputs: what the model takes, such as a clip (B, C, T, H, W) or a list of them.
    """
    name = head_name(model)
    if name is None:
        return model(*inputs)
    caught: list[Any] = []

    def stop(_: nn.Module, arguments: tuple[Any, ...]) -> None:
        caught.append(arguments[0])
        raise _ReachedError

    handle = model.get_submodule(name).register_forward_pre_hook(stop)
    try:
        model(*inputs)
    except _ReachedError:
        return caught[0]
    finally:
        handle.remove()
    raise ArgumentError(f"the model never called its head {name}")


def feature_names(model: nn.Module, depth: int = 2) -> list[str]:
    """Names that :func:`features` takes, down to ``depth`` levels; every deeper module has one as well."""
    return [name for name, _ in model.named_modules() if name and name.count(".") < depth]


def features(model: nn.Module, inputs: Any, names: Sequence[str]) -> dict[str, Any]:
    """The outputs of modules inside a model, by name; weights and buffers are used as they are.

    Args:
        model: any model.
        inputs: what the model takes: a clip (B, C, T, H, W), a list of clips, or a tuple of several arguments.
        names: modules as in ``model.named_modules()``, such as ``blocks.3``.

    Raises:
        ArgumentError: no module has that name, or the model never called it.
    """
    modules = dict(model.named_modules())
    for name in names:
        if name not in modules:
            near = difflib.get_close_matches(name, modules, 3) or feature_names(model, 2)[:8]
            raise ArgumentError(f"the model has no module {name!r}; there are {', '.join(near)}")
    found: dict[str, Any] = {}

    def keep(name: str) -> Any:
        def hook(_: nn.Module, __: Any, output: Any) -> None:
            # A list of pathways may be filled on by its maker.
            found[name] = list(output) if isinstance(output, list) else output

        return hook

    handles = [modules[name].register_forward_hook(keep(name)) for name in names]
    try:
        model(*_arguments(inputs))
    finally:
        for handle in handles:
            handle.remove()
    missing = [name for name in names if name not in found]
    if missing:
        raise ArgumentError(f"the model never called {', '.join(missing)}, so they have no output")
    return {name: found[name] for name in names}


def _arguments(inputs: Any) -> tuple[Any, ...]:
    return inputs if isinstance(inputs, tuple) else (inputs,)


@frozen
class ModuleCount:
    """What one module costs, all below it included.

    Attributes:
        name: as in ``named_modules()``; empty for the whole model.
        type: its class.
        params: parameters, each counted once.
        macs: multiply-accumulates of convolutions, matrix products and linear layers.
        norm_ops: 5 for each output element of a batch or layer norm, as the published figures count them.
    """

    name: str
    type: str
    params: int
    macs: int
    norm_ops: int

    @property
    def flops(self) -> int:
        """What the published tables call FLOPs: ``macs + norm_ops``."""
        return self.macs + self.norm_ops


_ATEN = torch.ops.aten
_NORMS = (
    _ATEN.native_batch_norm,
    _ATEN._native_batch_norm_legit,
    _ATEN._native_batch_norm_legit_no_training,
    _ATEN.cudnn_batch_norm,
    _ATEN.native_layer_norm,
    _ATEN.native_group_norm,
)


def _norm_cost(*arguments: Any, out_shape: Any = None, **options: Any) -> int:
    size = 5
    for length in out_shape[0]:
        size *= length
    return size


@torch.no_grad()
def count(model: nn.Module, *inputs: Any) -> list[ModuleCount]:
    """Count parameters and operations of a forward pass in eval mode, for the model and every module in it.

    Args:
        model: any model; on the meta device nothing is computed.
        *inputs: what it takes, such as a clip (B, C, T, H, W) on the model's device.

    Returns:
        The whole model first, then its modules in order.
    """
    from torch.utils.flop_counter import FlopCounterMode  # imports the compiler, which only this needs

    modes = {module: module.training for module in model.modules()}
    model.eval()
    counter = FlopCounterMode(display=False, custom_mapping=dict.fromkeys(_NORMS, _norm_cost))
    try:
        with counter:
            model(*inputs)
    finally:
        for module, training in modes.items():
            module.training = training
    costs = _costs(model, counter.get_flop_counts())
    return [
        ModuleCount(name, type(module).__name__, sum(p.numel() for p in module.parameters()), *costs[name])
        for name, module in model.named_modules(remove_duplicate=False)
    ]


def _costs(model: nn.Module, counted: dict[str, dict[Any, int]]) -> dict[str, tuple[int, int]]:
    """(macs, norm_ops) of each module; a container that is never called itself has the sum of what is in it."""
    root = type(model).__name__
    costs: dict[str, tuple[int, int]] = {}
    for name, module in reversed(list(model.named_modules(remove_duplicate=False))):
        operations = counted.get(f"{root}.{name}" if name else "Global")
        if operations is None:
            below = [costs[f"{name}.{child}"] for child, _ in module.named_children()]
            costs[name] = (sum(macs for macs, _ in below), sum(norms for _, norms in below))
            continue
        norms = sum(n for operation, n in operations.items() if operation in _NORMS)
        # The counter gives two operations for each multiply-accumulate; norms are counted by _norm_cost.
        costs[name] = (sum(operations.values()) - norms) // 2, norms
    return costs


def inputs_for(clip_input: ClipInput, *, detection: bool = False, device: str = "meta") -> tuple[Any, ...]:
    """One clip as a model takes it, of zeros; with boxes for a detection model.

    Args:
        clip_input: says frames, size and pathways.
        detection: whether the model takes a box as well.
        device: where the tensors are.
    """
    pathways = [torch.zeros(1, *shape, device=device) for shape in clip_input.shapes]
    clips = pathways if len(pathways) > 1 else pathways[0]
    return (clips, torch.zeros(1, 5, device=device)) if detection else (clips,)


def table(counts: Iterable[ModuleCount], depth: int = 2) -> list[str]:
    """The counts as lines of text, down to ``depth`` levels."""
    rows = [c for c in counts if not c.name or c.name.count(".") < depth]
    width = max(len(row.name or "total") for row in rows)
    head = f"{'module':<{width}}  {'parameters':>13}  {'G MACs':>9}  {'G with norms':>12}  type"
    return [head] + [
        f"{row.name or 'total':<{width}}  {row.params:>13,}  {row.macs / 1e9:>9.3f}  {row.flops / 1e9:>12.3f}  {row.type}"
        for row in rows
    ]
