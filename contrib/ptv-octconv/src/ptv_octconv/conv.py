"""Octave convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from ptv_registry.errors import ArgumentError

_Size = int | Sequence[int]


class OctConv3d(nn.Module):
    """A 3-D convolution that computes a share of its channels at half the spatial resolution.

    Chen et al.: "Drop an Octave: Reducing Spatial Redundancy in Convolutional Neural Networks with Octave
    Convolution", https://arxiv.org/abs/1904.05049

    It takes and returns plain tensors and can stand wherever ``nn.Conv3d`` can; the output has the same shape. The
    last ``alpha`` of the input channels are averaged over 2 x 2 pixels (low frequencies), the others stay (high).
    Each output group is the sum of a convolution of the high and of one of the low channels, computed at the lower
    of the two resolutions; at the end the low output channels are brought to the resolution of the high ones.

    - With ``groups`` greater than 1 each group of channels is wholly high or low, and nothing flows between the two,
      as in the paper's depthwise variant.
    - Where ``alpha`` of the channels (or groups) is less than one, all stay high; without any low channel on either
      side this is ``nn.Conv3d``.
    - Height or width are not halved where the kernel would not fit any more, so that extents of 1, too, are fine.

    Args:
        in_channels: the number of input channels.
        out_channels: the number of output channels.
        kernel_size: the kernel size (T, H, W), or one number for all three.
        stride: the stride, likewise.
        padding: the padding, likewise; or ``same`` or ``valid``.
        dilation: the spacing between kernel elements.
        groups: the number of blocked connections from input to output channels.
        bias: add a learnable bias.
        padding_mode: ``zeros``, ``reflect``, ``replicate`` or ``circular``.
        device: where the parameters are made.
        dtype: the type of the parameters.
        alpha: the share of low-frequency channels, at least 0 and less than 1.

    Raises:
        ArgumentError: ``alpha`` is out of range, or the channels do not divide into the groups.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _Size,
        stride: _Size = 1,
        padding: _Size | str = 0,
        dilation: _Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        alpha: float = 0.25,
    ) -> None:
        super().__init__()
        if not 0 <= alpha < 1:
            msg = f"alpha={alpha} is not a share from 0 to less than 1"
            raise ArgumentError(msg, argument="alpha", value=alpha)
        if groups < 1 or in_channels % groups or out_channels % groups:
            msg = f"groups={groups} does not divide in_channels={in_channels} and out_channels={out_channels}"
            raise ArgumentError(msg, argument="groups", value=groups)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = _triple(kernel_size)
        self.stride = _triple(stride)
        self.padding = padding if isinstance(padding, str) else _triple(padding)
        self.dilation = _triple(dilation)
        self.groups = groups
        self.padding_mode = padding_mode
        self.alpha = alpha

        low_groups = int(alpha * groups)
        if groups == 1:
            low_in, low_out = int(alpha * in_channels), int(alpha * out_channels)
        else:
            low_in, low_out = (channels // groups * low_groups for channels in (in_channels, out_channels))
        high_in, high_out = in_channels - low_in, out_channels - low_out
        self.low_in, self.low_out = low_in, low_out

        def path(n_in: int, n_out: int, n_groups: int, bias: bool) -> nn.Conv3d:
            return nn.Conv3d(
                n_in,
                n_out,
                self.kernel_size,
                stride=self.stride,
                padding=self.padding,
                dilation=self.dilation,
                groups=n_groups,
                bias=bias,
                padding_mode=padding_mode,
                device=device,
                dtype=dtype,
            )

        crosses = groups == 1
        self.high_to_high = path(high_in, high_out, groups - low_groups, bias)
        self.low_to_high = path(low_in, high_out, 1, False) if crosses and low_in else None
        self.high_to_low = path(high_in, low_out, 1, bias) if crosses and low_out else None
        self.low_to_low = (
            path(low_in, low_out, max(low_groups, 1), bias and not crosses) if low_in and low_out else None
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve a tensor of shape (B, C, T, H, W), or (C, T, H, W)."""
        if x.dim() == 4:
            return self.forward(x.unsqueeze(0)).squeeze(0)
        high, low = x.split([self.in_channels - self.low_in, self.low_in], dim=1)
        window = (1, self._factor(1, x.shape[3]), self._factor(2, x.shape[4]))
        low = _average(low, window)

        out = self.high_to_high(high)
        resolution = out.shape[2:]
        if self.low_to_high is not None:
            out = out + functional.interpolate(self.low_to_high(low), size=resolution)
        if not self.low_out:
            return out
        to_low = [] if self.high_to_low is None else [self.high_to_low(_average(high, window))]
        to_low += [] if self.low_to_low is None else [self.low_to_low(low)]
        return torch.cat([out, functional.interpolate(sum(to_low[1:], to_low[0]), size=resolution)], dim=1)

    def _factor(self, axis: int, size: int) -> int:
        """By what a height or width is divided: 2, or 1 where the kernel would not fit into the half."""
        half = (size + 1) // 2
        span = self.dilation[axis] * (self.kernel_size[axis] - 1)
        if isinstance(self.padding, str):
            added = span if self.padding == "same" else 0
        else:
            added = 2 * self.padding[axis]
        fits = half + added > span
        # Reflected and circular padding repeat values of the input, of which there must be enough.
        fits = fits and (self.padding_mode == "zeros" or (added + 1) // 2 < half)
        return 2 if size > 1 and fits else 1

    def extra_repr(self) -> str:
        """Show the arguments."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, groups={self.groups}, alpha={self.alpha}"
        )


def _average(x: torch.Tensor, window: tuple[int, int, int]) -> torch.Tensor:
    """Average windows; a last one that is not full counts only what it has."""
    if window == (1, 1, 1) or x.shape[1] == 0:
        return x
    return functional.avg_pool3d(x, window, ceil_mode=True, count_include_pad=False)


def _triple(value: _Size) -> tuple[int, int, int]:
    first, second, third = (value,) * 3 if isinstance(value, int) else value
    return first, second, third
