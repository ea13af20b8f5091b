"""Annotations by which a signature says that a parameter takes another component of a model.

Each is a callable that the component calls with keyword arguments, or ``None`` for "no such part" where that makes
sense. See section 6 of the design page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from torch import nn

from ptv_registry import Slot

_Builder = Callable[..., nn.Module]

Norm = Annotated[_Builder | None, Slot("norm")]
Conv = Annotated[_Builder, Slot("conv")]
Activation = Annotated[_Builder | None, Slot("activation")]
Pool = Annotated[_Builder | None, Slot("pool")]
Stem = Annotated[_Builder, Slot("stem")]
Block = Annotated[_Builder, Slot("block")]
Stage = Annotated[_Builder, Slot("stage")]
Head = Annotated[_Builder | None, Slot("head")]
Fusion = Annotated[_Builder | None, Slot("fusion")]
Layer = Annotated[_Builder, Slot("layer")]
Loss = Annotated[_Builder, Slot("loss")]
Model = Annotated[_Builder, Slot("model")]
