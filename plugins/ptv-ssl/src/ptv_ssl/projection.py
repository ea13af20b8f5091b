"""How a backbone and the projection after it are put together."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from torch import nn


def as_module(projection: nn.Module | tuple[nn.Module, int] | None) -> nn.Module | None:
    """The module of what :func:`ptv_layers.make_multilayer_perceptron` returns, or the module itself."""
    return projection[0] if isinstance(projection, tuple | list) else projection


def features_for(backbone: nn.Module, projection: nn.Module | None) -> nn.Module:
    """The backbone as the projection needs it: without its classifier if the projection takes what goes into that.

    A published network ends in class scores, and contrastive learning projects the features before them. The
    classifier is the last ``nn.Linear`` of the backbone. It is left out only if the first ``nn.Linear`` of the
    projection takes as many features as the classifier takes, and another number than it puts out.

    Returns:
        The backbone itself, or one that shares its weights and lacks the classifier; the backbone is not changed.
    """
    classifier = [(name, part) for name, part in backbone.named_modules() if isinstance(part, nn.Linear)][-1:]
    first = [part for part in projection.modules() if isinstance(part, nn.Linear)][:1] if projection else []
    if not classifier or not first:
        return backbone
    name, last = classifier[0]
    if not name or first[0].in_features == last.out_features or first[0].in_features != last.in_features:
        return backbone
    return _with_identity_at(backbone, name.split("."))


def without_classifier(model: nn.Module, paths: Sequence[str | None]) -> nn.Module:
    """A network that shares the weights of a model and lacks some of its modules; the model is not changed.

    Args:
        model: the model.
        paths: dotted names of what is left out, such as its classifier and the activation of its scores.
    """
    for path in paths:
        if path is not None:
            model = _with_identity_at(model, path.split("."))
    return model


def _with_identity_at(module: nn.Module, path: list[str]) -> nn.Module:
    twin = copy.copy(module)
    child = module.get_submodule(path[0])
    twin._modules = dict(module._modules)
    twin._modules[path[0]] = _with_identity_at(child, path[1:]) if path[1:] else nn.Identity()
    return twin
