"""Stems and filters, under the names and arguments of VMZ, as parts of torchvision's ``VideoResNet`` too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_vmz.filters import (
    create_filter_2plus1d,
    create_interaction_preserved_filter,
    create_interaction_reduced_filter,
)
from ptv_vmz.published import TABLE
from ptv_vmz.stem import create_vmz_2plus1d_stem, create_vmz_stem

__all__ = ["BasicStem_Pool", "Conv2Plus1D", "Conv3DDepthwise", "IPConv3DDepthwise", "R2Plus1dStem_Pool", "model_urls"]

#: The addresses of the weights, by model and pre-training.
model_urls = {f"{model}_{row.name}": row.url for model, card in TABLE.items() for row in card.weights}


def BasicStem_Pool() -> nn.Module:
    """The 3-D stem with a pool, of 3 and 64 channels."""
    return create_vmz_stem(in_channels=3, out_channels=64, use_pool1=True)


def R2Plus1dStem_Pool() -> nn.Module:
    """The (2+1)-D stem with a pool, of 3 and 64 channels."""
    return create_vmz_2plus1d_stem(in_channels=3, out_channels=64, use_pool1=True)


def _conv_maker(name: str, create: Callable[..., nn.Module], channels_change: bool) -> Any:
    """A filter with VMZ's arguments, which torchvision's blocks take as ``conv_builder``."""

    def make(
        in_planes: int, out_planes: int, midplanes: int | None = None, stride: int = 1, padding: int = 1
    ) -> nn.Module:
        if padding != 1 or not (channels_change or in_planes == out_planes):
            raise ArgumentError(f"{name}({in_planes}, {out_planes}, padding={padding}): it keeps channels and size")
        return create(in_channels=in_planes, out_channels=out_planes, stride=(stride,) * 3)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = create.__doc__
    make.get_downsample_stride = lambda stride: (stride,) * 3  # type: ignore[attr-defined]
    return make


Conv3DDepthwise = _conv_maker("Conv3DDepthwise", create_interaction_reduced_filter, False)
IPConv3DDepthwise = _conv_maker("IPConv3DDepthwise", create_interaction_preserved_filter, False)
Conv2Plus1D = _conv_maker("Conv2Plus1D", create_filter_2plus1d, True)
