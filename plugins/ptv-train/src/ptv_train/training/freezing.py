"""Parts of a model that do not learn."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from torch import nn

from ptv_registry.errors import ArgumentError

BACKBONE: Final = "backbone"
"""All of a model but its head."""


def freeze(model: nn.Module, what: str) -> tuple[nn.Module, ...]:
    """Take parameters out of training.

    Args:
        model: the model.
        what: ``backbone``, all but the head, or a pattern of parameter names such as ``blocks.[0-3].*``.

    Returns:
        The modules that have nothing left to learn; keep them in eval mode, or their norms and dropout go on as in
        training.

    Raises:
        ArgumentError: no parameter is meant, or all are; or the model does not say where its head is.
    """
    names = [name for name, _ in model.named_parameters()]
    if what == BACKBONE:
        head = getattr(model, "head_path", None)
        if head is None:
            raise ArgumentError(
                f"this {type(model).__name__} does not say where its head is (an attribute head_path), so give a pattern "
                "of parameter names instead of backbone"
            )
        frozen = {name for name in names if not name.startswith(f"{head}.")}
    else:
        frozen = {name for name in names if fnmatchcase(name, what)}
    if not frozen or len(frozen) == len(names):
        meant = "no parameter" if not frozen else "every parameter"
        raise ArgumentError(f"freeze={what!r} means {meant}; there are {', '.join(names[:3])}, ..., {names[-1]}")
    for name, parameter in model.named_parameters():
        if name in frozen:
            parameter.requires_grad_(False)
    return tuple(module for module in model.modules() if _is_frozen(module))


def _is_frozen(module: nn.Module) -> bool:
    parameters = list(module.parameters())
    return bool(parameters) and not any(parameter.requires_grad for parameter in parameters)
