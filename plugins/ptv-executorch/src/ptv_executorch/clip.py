"""``Clip``: a video in a graph of images. Frames lie one after the other in the batch, time before clips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from attrs import evolve, frozen
from torch import fx, nn

AXES: Final = "BCTHW"


@frozen
class Clip:
    """A value that is a tensor of five axes in the model, and (T * B, C, H, W) in the rewritten graph.

    As time comes before the clips of a batch, to shift a clip in time is to cut and pad along the first axis, for
    any number of clips.

    Attributes:
        node: gives the images.
        sizes: size of each of the axes B, C, T, H, W.
        axes: the order that the model has them in at this point; a permutation moves no memory.
    """

    node: fx.Node
    sizes: Mapping[str, int]
    axes: str = AXES

    @property
    def is_one_pixel(self) -> bool:
        """Whether time, height and width are one."""
        return self.sizes["T"] == self.sizes["H"] == self.sizes["W"] == 1

    def now(self, node: fx.Node, **sizes: int) -> Clip:
        """The clip that a node makes of this one."""
        return evolve(self, node=node, sizes={**self.sizes, **sizes})


def sizes_of(shape: torch.Size | tuple[int, ...], axes: str = AXES) -> dict[str, int]:
    """Sizes by name of the axis."""
    return {axis: int(size) for axis, size in zip(axes, shape, strict=True)}


def images_of(clips: torch.Tensor) -> torch.Tensor:
    """Clips (B, C, T, H, W) as images (T * B, C, H, W)."""
    batch, channels, frames, height, width = clips.shape
    if batch == 1:
        return clips.reshape(channels, frames, height, width).permute(1, 0, 2, 3)
    return clips.permute(2, 0, 1, 3, 4).reshape(frames * batch, channels, height, width)


class ToImages(nn.Module):
    """Clips (B, C, T, H, W) to images (T * B, C, H, W)."""

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """The images."""
        return images_of(clips)


class FromImages(nn.Module):
    """Images (T * B, C, H, W) to clips, with the axes in an order of the model's choice."""

    def __init__(self, batch: int, axes: str) -> None:
        super().__init__()
        self._batch, self._order = batch, tuple("TBCHW".index(axis) for axis in axes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The clips."""
        return images.reshape(-1, self._batch, *images.shape[1:]).permute(self._order)
