"""Networks as lists of blocks, with several pathways or with boxes."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn

from ptv_cards.classifier import Classifier, path_of
from ptv_registry.errors import ArgumentError


class Net(Classifier, nn.Module):
    """Blocks in a row; made by :func:`ptv_resnet.create_resnet` and other builders. The blocks keep their weights.

    Args:
        blocks: the blocks.

    Raises:
        ArgumentError: if ``blocks`` is ``None``.
    """

    def __init__(self, *, blocks: nn.ModuleList) -> None:
        super().__init__()
        if blocks is None:
            msg = "blocks is None: pass an nn.ModuleList of the blocks"
            raise ArgumentError(msg)
        self.blocks = blocks

    @property
    def head_path(self) -> str | None:
        """The last block, if it projects features to classes."""
        last = f"blocks.{len(self.blocks) - 1}"
        return last if len(self.blocks) and path_of(last, self.blocks[-1], "proj") else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run the blocks one after the other; what goes in and out depends on the first and the last."""
        for block in self.blocks:
            x = block(x)
        return x


class DetectionBBoxNetwork(Classifier, nn.Module):
    """A model followed by a head that also takes boxes.

    Args:
        model: stem and stages; makes features (B, C, T, H, W).
        detection_head: takes the features and the boxes, such as :class:`ptv_resnet.ResNetRoIHead`.
    """

    def __init__(self, model: nn.Module, detection_head: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.detection_head = detection_head

    @property
    def head_path(self) -> str:
        """The detection head."""
        return "detection_head"

    def forward(self, x: torch.Tensor, bboxes: torch.Tensor) -> torch.Tensor:
        """Score the boxes.

        Args:
            x: what ``model`` takes: a clip (B, C, T, H, W); for several pathways a list of them.
            bboxes: (N, 5), each row (index in the batch, x1, y1, x2, y2) in pixels of the clip; for rotated boxes
                (N, 6), each row (index, centre x, centre y, width, height, angle in degrees).

        Returns:
            Scores (N, classes).
        """
        return self.detection_head(self.model(x), bboxes).flatten(1)


class MultiPathWayWithFuse(nn.Module):
    """One block for each pathway, then a fusion across pathways. The caller's list of inputs stays as it is.

    Args:
        multipathway_blocks: one block, or ``None``, for each pathway.
        multipathway_fusion: maps the list of all pathways to such a list; ``None`` for no fusion.
        inplace: what becomes of a pathway without a block: True updates the list of pathways, in which it stays as
            it is; False makes a new list, in which it is ``None``.
    """

    __constants__: ClassVar[list[str]] = ["fuses"]

    def __init__(
        self,
        *,
        multipathway_blocks: nn.ModuleList,
        multipathway_fusion: nn.Module | None,
        inplace: bool | None = True,
    ) -> None:
        super().__init__()
        self.multipathway_blocks = multipathway_blocks
        self.multipathway_fusion = multipathway_fusion
        self.inplace = inplace
        self.fuses = not (multipathway_fusion is None or isinstance(multipathway_fusion, nn.Identity))

    def forward(self, x: list[torch.Tensor]) -> list[torch.Tensor]:
        """Map a list of pathways, each (B, C, T, H, W), to such a list.

        Raises:
            ArgumentError: if ``x`` is not a list with one entry for each pathway.
        """
        if not torch.jit.is_scripting():
            return self._in_python(x)
        out: list[torch.Tensor] = []
        for index, block in enumerate(self.multipathway_blocks):
            out.append(block(x[index]))
        if self.fuses:
            out = self.multipathway_fusion(out)  # type: ignore[misc]
        return out

    @torch.jit.unused
    def _in_python(self, x: list[torch.Tensor]) -> list[torch.Tensor]:
        count = len(self.multipathway_blocks)
        if not isinstance(x, list | tuple) or len(x) != count:
            got = f"{len(x)} entries" if isinstance(x, list | tuple) else type(x).__name__
            msg = f"the model has {count} pathways, but its input is {got}: pass a list of {count} clips"
            raise ArgumentError(msg)
        out: list[Any] = list(x) if self.inplace else [None] * count
        for index, block in enumerate(self.multipathway_blocks):
            if block is not None:
                out[index] = block(x[index])
        return out if self.multipathway_fusion is None else self.multipathway_fusion(out)
