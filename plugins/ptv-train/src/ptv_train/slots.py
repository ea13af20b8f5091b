"""Types of the parameters that take components of a training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from torch import nn
from torchmetrics import Metric

from ptv_registry import Slot

Loss = Annotated[Callable[..., nn.Module], Slot("loss")]
Metrics = Annotated[Callable[..., Metric] | None, Slot("metric", many=True)]


def factories_in(value: Any) -> tuple[Callable[..., Any], ...]:
    """What a slot with ``many`` received, as a tuple."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, tuple | list) else (value,)
