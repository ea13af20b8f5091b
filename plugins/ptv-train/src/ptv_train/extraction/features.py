"""``FeatureReader``: what named layers of a model make of a video, window by window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Final

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.model_source import ModelSource
from ptv_train.prediction.predictor import Predictor

FEATURES: Final = "features"
"""What goes into the classifier."""
OUTPUT: Final = "output"
"""What the model gives."""


class FeatureReader(Predictor):
    """Reads features of videos: a vector for each window and layer, the mean over time and space.

    Args:
        source: the model.
        layers: dotted names of modules; ``features`` for what goes into the classifier, ``output`` for what the model
            gives. An exported model has only its output.
        batch_size: how many windows go through the model at once.

    Raises:
        ArgumentError: no such layer; or the model scores boxes.
    """

    def __init__(self, source: ModelSource, layers: Sequence[str], *, batch_size: int = 8) -> None:
        # Features are taken as they are, whatever the scores of the model mean.
        super().__init__(
            source.model,
            source.recipe,
            None,
            weights=source.weights,
            device=source.device,
            scores="logits",
            batch_size=batch_size,
            only_batch=source.batch,
        )
        self.layers = tuple(layers)
        self.widths: dict[str, int] = {}
        self._found: dict[str, torch.Tensor] = {}
        if len(set(self.layers)) < len(self.layers) or not self.layers:
            raise ArgumentError(f"layers={list(layers)!r} must name at least one layer, and none twice")
        self._hooked = {name: _module(source, name) for name in self.layers if name != OUTPUT}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """The block in which videos are read."""
        handles = []
        for name, module in self._hooked.items():
            if name == FEATURES:
                handles.append(module.register_forward_pre_hook(self._keep_input))
            else:
                handles.append(module.register_forward_hook(self._keep(name)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _keep(self, name: str) -> Any:
        def hook(module: nn.Module, given: Any, output: Any) -> None:
            self._found[name] = _vectors(output, channels_last=isinstance(module, nn.Linear | nn.LayerNorm))

        return hook

    def _keep_input(self, module: nn.Module, given: tuple[Any, ...]) -> None:
        self._found[FEATURES] = _vectors(given[0], channels_last=True)

    def _finished(self, output: Any, clips: int, given: int) -> torch.Tensor:
        """The vectors of all layers beside each other, (B, sum of the widths)."""
        if OUTPUT in self.layers:
            self._found[OUTPUT] = _vectors(output, channels_last=False)
        missing = [name for name in self.layers if name not in self._found]
        if missing:
            raise ArgumentError(f"the layer {missing[0]} took no part when the model ran")
        parts = [self._found[name] for name in self.layers]
        for name, part in zip(self.layers, parts, strict=True):
            if len(part) != given:
                raise ArgumentError(
                    f"the layer {name} gives {len(part)} rows for {given} clips; take one that treats each clip by itself"
                )
            self.widths[name] = part.shape[1]
        self._found = {}
        return torch.cat(parts, 1)[:clips].float().cpu()


def _module(source: ModelSource, name: str) -> nn.Module:
    if not isinstance(source.model, nn.Module):
        raise ArgumentError(f"{source.name} is an exported model, which has no layers; give --layer {OUTPUT}")
    if name == FEATURES:
        path = getattr(source.model, "classifier_path", None)
        if path is None:
            raise ArgumentError(f"{source.name} does not say where its classifier is; name a layer (--layer)")
        return source.model.get_submodule(path)
    modules = dict(source.model.named_modules())
    if name not in modules or not name:
        near = get_close_matches(name, modules, 1)
        hint = f"; is {near[0]!r} meant?" if near else ""
        raise ArgumentError(
            f"{source.name} has no layer {name!r}{hint} It has {', '.join(list(modules)[1:6])}, ...; {FEATURES} is what goes "
            f"into the classifier, {OUTPUT} what the model gives"
        )
    return modules[name]


def _vectors(value: Any, *, channels_last: bool) -> torch.Tensor:
    """(B, C): the mean over all positions; of several pathways one after the other.

    Clips are (B, C, T, H, W), tokens (B, positions, C), and what a linear layer takes and gives has channels last.
    """
    if isinstance(value, list | tuple):
        tensors = [each for each in value if isinstance(each, torch.Tensor) and each.is_floating_point()]
        if not tensors:
            raise ArgumentError("a layer gives no tensor of numbers; take another")
        if isinstance(value, tuple):  # such as tokens with their numbers in time and space
            return _vectors(tensors[0], channels_last=channels_last)
        return torch.cat([_vectors(each, channels_last=channels_last) for each in tensors], 1)
    if not isinstance(value, torch.Tensor) or value.ndim < 2:
        raise ArgumentError(f"a layer gives {type(value).__name__}, and no vector for each clip; take another")
    if value.ndim == 2:
        return value
    if channels_last or value.ndim == 3:
        return value.flatten(1, -2).mean(1)
    return value.flatten(2).mean(2)
