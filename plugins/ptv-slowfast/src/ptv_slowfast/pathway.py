"""Concatenates pathways into one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.norm_and_pool import check_pool_fits


class PoolConcatPathway(nn.Module):
    """Pool each pathway, then concatenate them. The caller's list stays as it is.

    Args:
        retain_list: return the tensor in a list.
        pool: one pool, or ``None``, for each pathway; ``None`` for no pools at all.
        dim: dimension to concatenate along; 1 is that of the channels.
    """

    def __init__(self, retain_list: bool = False, pool: nn.ModuleList | None = None, dim: int = 1) -> None:
        super().__init__()
        self.retain_list = retain_list
        self.pool = pool
        self.dim = dim

    def forward(self, x: list[torch.Tensor]) -> torch.Tensor:
        """Concatenate pathways, each (B, C, T, H, W); those that are ``None`` are left out.

        With ``retain_list`` a list of the result is returned.

        Raises:
            ArgumentError: if there is not one pool for each pathway, or the pathways differ in size after pooling.
        """
        if not torch.jit.is_scripting():
            return self._in_python(x)  # type: ignore[return-value]
        pooled: list[torch.Tensor] = []
        if self.pool is None:
            pooled = x
        else:
            for index, pool in enumerate(self.pool):
                pooled.append(pool(x[index]))
        return torch.cat(pooled, dim=self.dim)

    @torch.jit.unused
    def _in_python(self, x: Sequence[torch.Tensor | None]) -> torch.Tensor | list[torch.Tensor]:
        if self.pool is not None and len(x) != len(self.pool):
            msg = f"there are {len(x)} pathways, but {len(self.pool)} pools: give one pool, or None, for each pathway"
            raise ArgumentError(msg)
        pooled = []
        for index, pathway in enumerate(x):
            if pathway is None:
                continue
            pool = None if self.pool is None else self.pool[index]
            if pool is not None:
                check_pool_fits(pool, pathway)
                pathway = pool(pathway)
            pooled.append(pathway)
        sizes = [[size for dim, size in enumerate(p.shape) if dim != self.dim % p.ndim] for p in pooled]
        if any(size != sizes[0] for size in sizes):
            msg = (
                f"the pathways are {', '.join(str(tuple(p.shape)) for p in pooled)} and differ in more than dimension "
                f"{self.dim}: let head_pool_kernel_sizes bring them to one size, or use head_pool=nn.AdaptiveAvgPool3d"
            )
            raise ArgumentError(msg)
        output = torch.cat(pooled, dim=self.dim)
        return [output] if self.retain_list else output


class PathwaysNet(Net):
    """A network of several pathways, which ends in what joins them and a head. Its input is a list of clips."""

    def forward(self, x: list[torch.Tensor]) -> torch.Tensor:  # type: ignore[override]
        """Score a list of clips, one (B, C, T, H, W) for each pathway."""
        if not torch.jit.is_scripting():
            return super().forward(x)  # type: ignore[arg-type]
        for block in self.blocks[:-2]:
            x = block.forward(x)  # TorchScript knows no call of an element of a slice
        return self.blocks[-1](self.blocks[-2](x))


class PathwaysFeatures(Net):
    """A network of several pathways, which ends in what joins them. Its input is a list of clips."""

    def forward(self, x: list[torch.Tensor]) -> torch.Tensor:  # type: ignore[override]
        """The joined features of a list of clips, one (B, C, T, H, W) for each pathway."""
        if not torch.jit.is_scripting():
            return super().forward(x)  # type: ignore[arg-type]
        for block in self.blocks[:-1]:
            x = block.forward(x)  # TorchScript knows no call of an element of a slice
        return self.blocks[-1](x)


class PathwaysDetection(DetectionBBoxNetwork):
    """A network of several pathways that scores boxes. Its input is a list of clips, and boxes."""

    def forward(self, x: list[torch.Tensor], bboxes: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """Score boxes (N, 5) in a list of clips, one (B, C, T, H, W) for each pathway."""
        return self.detection_head(self.model(x), bboxes).flatten(1)
