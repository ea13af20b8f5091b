"""Adaptive pools as efficient blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn

from ptv_mobile.block_base import CalibratedSize, EfficientBlock, NoOpConvertBlock
from ptv_mobile.time_first import mean_of_frames, transposed


class _GlobalAveragePool(nn.Module):
    """The mean over all but batch and channels, as means of frames, for inputs of one size."""

    def __init__(self, calibrated: CalibratedSize) -> None:
        super().__init__()
        self.calibrated = calibrated

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calibrated.check(x)
        if x.dim() == 4:
            return x.mean((2, 3), keepdim=True)
        return mean_of_frames(transposed(x)).unflatten(3, (1, 1))


class _PoolToOne(EfficientBlock):
    """Average pooling to an extent of 1, of tensors with so many dimensions as a subclass says."""

    _dims: ClassVar[int]
    _kind: ClassVar[type[nn.Module]]

    def __init__(self) -> None:
        super().__init__()
        self.pool: nn.Module = self._kind(1)

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Replace the adaptive pool by means."""
        calibrated = CalibratedSize.of(input_size, self._dims, fixed_batch)
        self.begin_conversion()
        self.pool = _GlobalAveragePool(calibrated)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Average ``x``."""
        return self.pool(x)


class AdaptiveAvgPool3dOutSize1(_PoolToOne):
    """Average pooling of (B, C, T, H, W) to (B, C, 1, 1, 1); in the deployable form means of 2-D tensors."""

    _dims = 5
    _kind = nn.AdaptiveAvgPool3d


class AdaptiveAvgPool2dOutSize1(_PoolToOne):
    """Average pooling of (B, C, H, W) to (B, C, 1, 1); in the deployable form a mean."""

    _dims = 4
    _kind = nn.AdaptiveAvgPool2d


class AdaptiveAvgPool3d(NoOpConvertBlock):
    """Average pooling of (B, C, T, H, W) to any extent, the same in both forms.

    :class:`AdaptiveAvgPool3dOutSize1` is faster where that extent is 1.

    Args:
        output_size: the extent (T, H, W) of the result, or one number for all three.
    """

    def __init__(self, output_size: int | Sequence[int]) -> None:
        super().__init__(nn.AdaptiveAvgPool3d(output_size if isinstance(output_size, int) else tuple(output_size)))


class AdaptiveAvgPool2d(NoOpConvertBlock):
    """Average pooling of (B, C, H, W) to any extent, the same in both forms.

    Args:
        output_size: the extent (H, W) of the result, or one number for both.
    """

    def __init__(self, output_size: int | Sequence[int]) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(output_size if isinstance(output_size, int) else tuple(output_size)))
