"""A model with as many classes as the data."""

from __future__ import annotations

from typing import Any

from torch import nn

import ptv_registry
from ptv_registry.errors import ArgumentError


def build_classifier(model: Any, num_classes: int) -> tuple[nn.Module, ptv_registry.Plan]:
    """The model with as many classes as the dataset has, unless its spec says how many, and its plan.

    The parameter is the one that the model's signature gives the role ``classes``, whatever it is called.

    Raises:
        ArgumentError: the spec says another number.
    """
    plan = plan_for_classes(model, num_classes)
    built: nn.Module = ptv_registry.build(plan)
    return built, plan


def plan_for_classes(model: Any, num_classes: int) -> ptv_registry.Plan:
    """The plan of :func:`build_classifier`."""
    plan = ptv_registry.resolve(model)
    found = plan.of_role("classes")
    if found is None:
        return plan
    if found.argument.source != "default":
        if found.argument.value != num_classes:
            raise ArgumentError(
                f"{found.path}={found.argument.value} of the model, and the dataset has {num_classes} classes"
            )
        return plan
    if "." in found.path:
        return ptv_registry.resolve(plan, set={found.path: num_classes})
    count: dict[str, Any] = {found.path: num_classes}
    return ptv_registry.resolve(plan, **count)
