"""Modules in a row, some of which take a mask."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from torch import nn

from ptv_multimodal.attention import TransposeMultiheadAttention
from ptv_multimodal.lstm import LSTM
from ptv_multimodal.masked_default import LearnMaskedDefault
from ptv_multimodal.temporal_pooling import MaskedTemporalPooling
from ptv_multimodal.transformer_encoder import TransposeTransformerEncoder
from ptv_registry import Slot
from ptv_registry.errors import ArgumentError

BuiltLayer = Annotated[nn.Module, Slot("layer", built=True)]


class MaskedSequential(nn.Sequential):
    """``nn.Sequential`` that hands a mask to those of its modules that take one.

    ::

        stream = MaskedSequential(
            PositionalEncoding(64),
            nn.Dropout(p=0.1),
            TransposeMultiheadAttention(64),
            MaskedTemporalPooling(method="avg"),
            nn.LayerNorm(64),
            LearnMaskedDefault(64),
        )
        features = stream(x, mask)  # (B, L, 64) and bool (B, L) to (B, 64)

    These are the classes in ``_MASK_MODULES``, their subclasses, and other sequences of this class. A class of your
    own that takes ``forward(x, mask=...)`` may be appended to the list.
    """

    _MASK_MODULES: ClassVar[list[type[nn.Module]]] = [
        MaskedTemporalPooling,
        LearnMaskedDefault,
        TransposeMultiheadAttention,
        LSTM,
        TransposeTransformerEncoder,
    ]

    def forward(self, input: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """Run the modules one after the other.

        Args:
            input: what the first module takes, usually (B, L, C).
            mask: bool (B, L), False where an element is invalid. Every module sees it as it is given here.
        """
        for module in self:
            masked = isinstance(module, (MaskedSequential, *self._MASK_MODULES))
            input = module(input, mask=mask) if masked else module(input)
        return input


def create_masked_sequential(*, modules: tuple[BuiltLayer, ...]) -> MaskedSequential:
    """Create a :class:`MaskedSequential` from a list, for specs.

    ``masked_sequential(modules=[positional_encoding(embed_dim=64), masked_temporal_pooling(method=avg)])``

    Args:
        modules: the modules, in order.

    Raises:
        ArgumentError: no module is given.
    """
    if not modules:
        msg = "modules is empty: give at least one, such as masked_temporal_pooling(method=avg)"
        raise ArgumentError(msg, argument="modules", value=modules)
    return MaskedSequential(*modules)
