"""Annotations of parameters that take a finished module."""

from __future__ import annotations

from typing import Annotated

from torch import nn

from ptv_registry import Slot

BuiltModel = Annotated[nn.Module, Slot("model", built=True)]
# What make_multilayer_perceptron returns, the module with its output dimension, is as good as the module.
BuiltLayer = Annotated[nn.Module | tuple[nn.Module, int] | None, Slot("layer", built=True)]
