"""Several streams, each with its mask, and their fusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import torch
from torch import nn

from ptv_multimodal.sequential import BuiltLayer
from ptv_registry import Slot
from ptv_registry.errors import ArgumentError

BuiltFusion = Annotated[nn.Module | None, Slot("fusion", built=True)]


class MaskedMultiPathWay(nn.Module):
    """Runs one stream for each input and its mask, and fuses what comes out.

    ::

        Pathway 1  ...  Pathway N
            ↓               ↓
         Block 1         Block N
            └──── Fusion ───┘

    Args:
        multipathway_blocks: the streams, an ``nn.ModuleList`` or a list; each takes an input and its mask.
        multipathway_fusion: takes the list of the streams' outputs, such as
            :class:`ptv_layers.ConcatFusion`; ``None`` for no fusion.
    """

    def __init__(
        self,
        *,
        multipathway_blocks: nn.ModuleList | tuple[BuiltLayer, ...],
        multipathway_fusion: BuiltFusion,
    ) -> None:
        super().__init__()
        self.multipathway_blocks = nn.ModuleList(multipathway_blocks)
        self.multipathway_fusion = multipathway_fusion

    def forward(self, x_and_mask: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor | list[torch.Tensor]:
        """Run the streams.

        Args:
            x_and_mask: for each stream its input, usually (B, L, C), and its mask, bool (B, L).

        Returns:
            What the fusion makes of the streams' outputs; without a fusion the list of these.

        Raises:
            ArgumentError: there is not one pair for each stream.
        """
        if len(x_and_mask) != len(self.multipathway_blocks):
            msg = (
                f"got {len(x_and_mask)} inputs for {len(self.multipathway_blocks)} streams: pass a list with a pair "
                "(input, mask) for each stream"
            )
            raise ArgumentError(msg, argument="x_and_mask", value=len(x_and_mask))
        outputs = [block(x, mask) for block, (x, mask) in zip(self.multipathway_blocks, x_and_mask, strict=True)]
        return outputs if self.multipathway_fusion is None else self.multipathway_fusion(outputs)
