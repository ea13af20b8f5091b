"""3-D pools and means as 2-D ones of images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import nn
from torch.nn import functional as F

from ptv_executorch.frames import reaches, read


class ImagesMean(nn.Module):
    """The mean over height and width, over time, or over all.

    Args:
        frames: T of the clips if the mean is over time, else 1.
        batch: B of the clips.
        over_space: whether it is over height and width.
    """

    def __init__(self, frames: int, batch: int, over_space: bool) -> None:
        super().__init__()
        self._frames, self._batch, self._over_space = frames, batch, over_space

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (T * B, C, H, W) to images with 1 in place of what is averaged."""
        if self._over_space:
            images = images.mean((2, 3), keepdim=True)
        if self._frames == 1:
            return images
        if not self._over_space and images.shape[2:] != (1, 1):
            return reduce(torch.add, images.split(self._batch)) * (1 / self._frames)
        # The delegate averages height and width, so time takes the place of height.
        if self._batch == 1:
            return images.permute(2, 1, 0, 3).mean((2, 3), keepdim=True)
        channels = images.shape[1]
        return images.reshape(self._frames, self._batch, channels, 1).permute(1, 2, 0, 3).mean((2, 3), keepdim=True)


class ImagesPool3d(nn.Module):
    """The mean or maximum of windows: first of height and width, then of time. Without padding in time.

    Args:
        kernel: (T, H, W), as the sizes below.
        stride: of the windows.
        padding: of height and width; of time there is none.
        frames: T of the clips.
        batch: B of the clips.
        maximum: whether it is the maximum, else the mean.
    """

    def __init__(
        self,
        kernel: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        frames: int,
        batch: int,
        *,
        maximum: bool,
    ) -> None:
        super().__init__()
        self._kernel, self._stride, self._padding = tuple(kernel[1:]), tuple(stride[1:]), tuple(padding[1:])
        self.frames, self._reaches = reaches(frames, kernel[0], stride[0], 0)
        self._time_stride, self._batch, self._maximum = stride[0], batch, maximum

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (T * B, C, H, W) to images (T' * B, C, H', W')."""
        images = self._of_space(images)
        parts = [read(images, reach, self._time_stride, self._batch) for reach in self._reaches]
        if len(parts) == 1:
            return parts[0]
        if self._maximum:
            return reduce(torch.maximum, parts)
        return reduce(torch.add, parts) * (1 / len(parts))

    def _of_space(self, images: torch.Tensor) -> torch.Tensor:
        if self._kernel == (1, 1) and self._stride == (1, 1):
            return images
        if self._maximum:
            return F.max_pool2d(images, self._kernel, self._stride, self._padding)
        return F.avg_pool2d(images, self._kernel, self._stride, self._padding)


class ImagesSoftmax(nn.Module):
    """Softmax over channels, which the delegate does right over the last of two axes only."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The same shape."""
        count, channels, height, width = images.shape
        rows = images.permute(0, 2, 3, 1).reshape(-1, channels).softmax(-1)
        return rows.reshape(count, height, width, channels).permute(0, 3, 1, 2)
