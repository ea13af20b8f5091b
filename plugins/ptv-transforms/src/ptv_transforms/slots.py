"""The annotation by which a signature says that a parameter takes another transform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from ptv_registry import Slot

BuiltTransform = Annotated[Callable[..., Any], Slot("transform", built=True)]
