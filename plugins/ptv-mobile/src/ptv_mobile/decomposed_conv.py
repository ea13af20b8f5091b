"""A 3-D convolution as a sum of 2-D convolutions of frames."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from attrs import frozen
from torch import nn

from ptv_mobile.block_base import CalibratedSize
from ptv_mobile.time_first import transposed
from ptv_registry.errors import ArgumentError


@frozen
class _Tap:
    """One temporal offset of a kernel: which outputs it contributes to, and the first input frame it reads."""

    index: int
    first_output: int
    end_output: int
    first_input: int


def why_not_decomposable(conv: nn.Module) -> str | None:
    """Why a module cannot be written as 2-D convolutions exactly, or ``None`` if it can."""
    if type(conv) is not nn.Conv3d:
        return f"it is a {type(conv).__name__}, not exactly a Conv3d"
    if isinstance(conv.padding, str):
        return f"its padding is {conv.padding!r}, not numbers"
    if conv.padding_mode != "zeros" and conv.padding[0] > 0:
        return f"its padding in time is of mode {conv.padding_mode!r}, not zeros"
    if conv.padding[0] > conv.dilation[0] * (conv.kernel_size[0] - 1):
        return f"its padding in time, {conv.padding[0]}, is longer than its kernel reaches"
    return None


class DecomposedConv3d(nn.Module):
    """The same function as a ``Conv3d``, for clips of one size, made of 2-D convolutions.

    Each temporal offset of the kernel is one 2-D convolution of just the frames that it meets; frames of padding are
    never computed. Any kernel, stride, dilation and group count will do.

    Args:
        conv: the convolution; its weights are copied.
        input_size: (B, C, T, H, W) of the inputs.
        fixed_batch: accept batches of B clips only.

    Raises:
        ArgumentError: the convolution cannot be written so (see :func:`why_not_decomposable`), or the clips are
            smaller than its kernel.
    """

    def __init__(self, conv: nn.Conv3d, input_size: Sequence[int], fixed_batch: bool = False) -> None:
        super().__init__()
        reason = why_not_decomposable(conv)
        if reason:
            raise ArgumentError(f"{conv} cannot be decomposed: {reason}")
        self.calibrated = CalibratedSize.of(input_size, 5, fixed_batch)
        if self.calibrated.size[1] != conv.in_channels:
            msg = f"input_size={self.calibrated.size} has {self.calibrated.size[1]} channels, not {conv.in_channels}"
            raise ArgumentError(msg, argument="input_size", value=self.calibrated.size)
        self._stride = conv.stride[0]
        outputs = _output_size(conv, self.calibrated.size[2:])
        if min(outputs) < 1:
            msg = f"clips of (T, H, W) {self.calibrated.size[2:]} are smaller than the kernel of {conv}"
            raise ArgumentError(msg, argument="input_size", value=self.calibrated.size)
        self._taps = _taps_of(conv, self.calibrated.size[2], outputs[0])
        self._segments = _segments(self._taps, outputs[0])
        # The bias must be added once to every output: by a tap that reaches them all, or else by itself.
        whole = next((tap for tap in self._taps if tap.end_output - tap.first_output == outputs[0]), None)
        self.convs = nn.ModuleList(_conv2d(conv, tap.index, with_bias=tap is whole) for tap in self._taps)
        self.bias = (
            nn.Parameter(conv.bias.detach().clone().reshape(1, 1, -1, 1, 1))
            if conv.bias is not None and whole is None
            else None
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve clips of the calibrated size.

        Raises:
            CalibratedSizeError: ``x`` has another size.
        """
        return transposed(self.time_first(transposed(x)))

    def time_first(self, x: torch.Tensor) -> torch.Tensor:
        """The same, for clips (B, T, C, H, W)."""
        self.calibrated.check(x, time_first=True)
        parts = []
        for tap, conv in zip(self._taps, self.convs, strict=True):
            count = tap.end_output - tap.first_output
            stop = tap.first_input + (count - 1) * self._stride + 1
            frames = x if count == x.shape[1] else x[:, tap.first_input : stop : self._stride]
            parts.append(conv(frames.flatten(0, 1)).unflatten(0, (-1, count)))
        sums = []
        for first, end in self._segments:
            reaching = [
                part
                if (first, end) == (tap.first_output, tap.end_output)
                else part[:, first - tap.first_output : end - tap.first_output]
                for tap, part in zip(self._taps, parts, strict=True)
                if tap.first_output <= first and end <= tap.end_output
            ]
            sums.append(sum(reaching[1:], reaching[0]))
        out = sums[0] if len(sums) == 1 else torch.cat(sums, dim=1)
        if self.bias is not None:
            out = out + self.bias
        return out


def _output_size(conv: nn.Conv3d, size: Sequence[int]) -> tuple[int, ...]:
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, p, d, k, s in zip(size, _padding(conv), conv.dilation, conv.kernel_size, conv.stride, strict=True)
    )


def _padding(conv: nn.Conv3d) -> tuple[int, int, int]:
    time, height, width = (int(extent) for extent in conv.padding)
    return time, height, width


def _taps_of(conv: nn.Conv3d, num_inputs: int, num_outputs: int) -> list[_Tap]:
    """The temporal offsets of a kernel that meet a frame at all."""
    stride, padding, dilation = conv.stride[0], _padding(conv)[0], conv.dilation[0]
    taps = []
    for index in range(conv.kernel_size[0]):
        offset = index * dilation - padding  # output t reads input t * stride + offset
        reached = [t for t in range(num_outputs) if 0 <= t * stride + offset < num_inputs]
        if reached:
            taps.append(_Tap(index, reached[0], reached[-1] + 1, reached[0] * stride + offset))
    return taps


def _segments(taps: Sequence[_Tap], num_outputs: int) -> list[tuple[int, int]]:
    """Runs of outputs to which the same taps contribute."""
    borders = sorted({0, num_outputs, *(t.first_output for t in taps), *(t.end_output for t in taps)})
    segments = list(pairwise(borders))
    for first, end in segments:
        if not any(tap.first_output <= first and end <= tap.end_output for tap in taps):
            msg = f"output frames {first} to {end - 1} would be padding only; convert for longer clips"
            raise ArgumentError(msg, argument="input_size")
    return segments


def _conv2d(conv: nn.Conv3d, index: int, with_bias: bool) -> nn.Conv2d:
    weight = conv.weight[:, :, index].detach()
    tap = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        (conv.kernel_size[1], conv.kernel_size[2]),
        stride=(conv.stride[1], conv.stride[2]),
        padding=_padding(conv)[1:],
        dilation=(conv.dilation[1], conv.dilation[2]),
        groups=conv.groups,
        bias=with_bias and conv.bias is not None,
        padding_mode=conv.padding_mode,
        device=weight.device,
        dtype=weight.dtype,
    )
    with torch.no_grad():
        tap.weight.copy_(weight)
        if tap.bias is not None and conv.bias is not None:
            tap.bias.copy_(conv.bias)
    return tap
