"""Names of parameters in published checkpoints that differ from ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class RenamesParameters(Protocol):
    """A module some of whose parameters have other names in published checkpoints."""

    def current_name(self, name: str) -> str:
        """The name that a parameter has in this module, of any that it is published under."""


def with_current_names(model: nn.Module, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors of a checkpoint under the names of the model's own parameters.

    Where a parameter is there under its own name and a published one, its own counts.

    Args:
        model: whose modules may have a ``current_name``, see :class:`RenamesParameters`.
        tensors: by any name.
    """
    found = dict(tensors)
    for place, module in model.named_modules():
        if isinstance(module, RenamesParameters):
            prefix = f"{place}." if place else ""
            for name in [name for name in found if name.startswith(prefix)]:
                current = prefix + module.current_name(name.removeprefix(prefix))
                if current != name:
                    tensor = found.pop(name)
                    found.setdefault(current, tensor)
    return found
