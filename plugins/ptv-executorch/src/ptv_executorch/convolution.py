"""A 3-D convolution as 2-D convolutions of images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import nn

from ptv_executorch.frames import placed, reaches, read


class ImagesConv3d(nn.Module):
    """The sum over the steps of a kernel in time, each a 2-D convolution of just the frames that it meets.

    Args:
        weight: (C_out, C_in / groups, kT, kH, kW).
        bias: (C_out,), or ``None``.
        stride: (T, H, W), as the sizes below.
        padding: with zeros.
        dilation: of the kernel.
        groups: of channels.
        frames: T of the clips.
        batch: B of the clips.
    """

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        groups: int,
        frames: int,
        batch: int,
    ) -> None:
        super().__init__()
        self._stride, self._batch = stride[0], batch
        self.frames, found = reaches(frames, weight.shape[2], stride[0], padding[0], dilation[0])
        # First the step that meets a frame for every output: it brings the bias.
        self._reaches = sorted(found, key=lambda reach: -reach.count)
        has_bias = bias is not None and self._reaches[0].count == self.frames
        self.steps = nn.ModuleList()
        for number, reach in enumerate(self._reaches):
            conv = nn.Conv2d(
                weight.shape[1] * groups,
                weight.shape[0],
                (weight.shape[3], weight.shape[4]),
                (stride[1], stride[2]),
                (padding[1], padding[2]),
                (dilation[1], dilation[2]),
                groups,
                bias=has_bias and number == 0,
                device="meta",
            )
            conv.weight = nn.Parameter(weight[:, :, reach.step].contiguous(), requires_grad=False)
            if bias is not None and conv.bias is not None:
                conv.bias = nn.Parameter(bias.detach().clone(), requires_grad=False)
            self.steps.append(conv)
        self.bias = None
        if bias is not None and not has_bias:
            self.bias = nn.Parameter(bias.detach()[None, :, None, None].clone(), requires_grad=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (T * B, C, H, W) to images (T' * B, C', H', W')."""
        parts = [
            placed(conv(read(images, reach, self._stride, self._batch)), reach, self.frames, self._batch)
            for reach, conv in zip(self._reaches, self.steps, strict=True)
        ]
        total = reduce(torch.add, parts)
        return total if self.bias is None else total + self.bias
