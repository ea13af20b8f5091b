"""Squeeze and excitation: channels are scaled by gates computed from their averages.

Hu et al.: "Squeeze-and-Excitation Networks", https://arxiv.org/abs/1709.01507
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Layer, Norm
from ptv_registry.errors import ArgumentError

_Pair = int | Sequence[int]


class SqueezeExcitation(nn.Module):
    """Squeeze and excitation of (B, C, T, H, W), or of (B, C, H, W) with ``conv=nn.Conv2d``.

    Args:
        num_channels: the number of channels C.
        num_channels_reduced: the number of channels between the two convolutions.
        reduction_ratio: what C is divided by to get that number when it is not given.
        activation: builds the activation between the two convolutions.
        conv: builds the two pointwise convolutions.

    Raises:
        ArgumentError: no channel is left between the convolutions.
    """

    def __init__(
        self,
        num_channels: int,
        num_channels_reduced: int | None = None,
        reduction_ratio: float = 2.0,
        activation: Activation = nn.ReLU,
        conv: Conv = nn.Conv3d,
    ) -> None:
        super().__init__()
        reduced = int(num_channels // reduction_ratio) if num_channels_reduced is None else num_channels_reduced
        self.block = _excitation(num_channels, reduced, activation, conv)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale the channels of ``x``."""
        return x * self.block(x.mean(dim=list(range(2, x.dim())), keepdim=True))


class SqueezeAndExcitationLayer2D(nn.Module):
    """Squeeze and excitation of images, (B, C, H, W).

    Args:
        in_planes: the number of channels C.
        reduction_ratio: what C is divided by to get the number of channels inside.
        reduced_planes: that number itself, with ``reduction_ratio=None``.
        activation: builds the activation between the two convolutions.
        conv: builds the two pointwise convolutions.

    Raises:
        ArgumentError: both or none of ``reduction_ratio`` and ``reduced_planes`` are given, or no channel is left.
    """

    def __init__(
        self,
        in_planes: int,
        reduction_ratio: int | None = 16,
        reduced_planes: int | None = None,
        activation: Activation = nn.ReLU,
        conv: Conv = nn.Conv2d,
    ) -> None:
        super().__init__()
        if bool(reduction_ratio) == bool(reduced_planes):
            msg = (
                f"reduction_ratio={reduction_ratio} and reduced_planes={reduced_planes}: give one of them and set the "
                "other to None"
            )
            raise ArgumentError(msg, argument="reduced_planes", value=reduced_planes)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.excitation = _excitation(
            in_planes, reduced_planes or in_planes // (reduction_ratio or 1), activation, conv
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale the channels of ``x``."""
        return x * self.excitation(self.avgpool(x))


def _excitation(channels: int, reduced: int, activation: Activation, conv: Conv) -> nn.Sequential:
    if reduced < 1:
        msg = f"{channels} channels are reduced to {reduced}; use a smaller reduction ratio or give the reduced number"
        raise ArgumentError(msg, argument="reduction_ratio", value=reduced)
    return nn.Sequential(
        conv(in_channels=channels, out_channels=reduced, kernel_size=1, stride=1, padding=0, bias=True),
        make_activation(activation) or nn.Identity(),
        conv(in_channels=reduced, out_channels=channels, kernel_size=1, stride=1, padding=0, bias=True),
        nn.Sigmoid(),
    )


class AudioResBlock(nn.Module):
    """A residual block whose shortcut is an identity or a convolution and a norm.

    Args:
        branch1_conv: the convolution of the shortcut, or ``None`` for an identity.
        branch1_norm: the norm of the shortcut, or ``None``.
        branch2: the main branch.
        activation: what is applied to the result, or ``None``.
        branch_fusion: makes one tensor of shortcut and main branch; ``None`` adds them.
    """

    def __init__(
        self,
        branch1_conv: nn.Module | None,
        branch1_norm: nn.Module | None,
        branch2: nn.Module,
        activation: nn.Module | None = None,
        branch_fusion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.branch1_conv = branch1_conv
        self.branch1_norm = branch1_norm
        self.branch2 = branch2
        self.activation = activation
        self.branch_fusion = branch_fusion

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply both branches to a tensor of shape (B, C, T, F)."""
        shortcut = x if self.branch1_conv is None else self.branch1_conv(x)
        if self.branch1_norm is not None:
            shortcut = self.branch1_norm(shortcut)
        main = self.branch2(x)
        fused = shortcut + main if self.branch_fusion is None else self.branch_fusion(shortcut, main)
        return fused if self.activation is None else self.activation(fused)


def create_audio_2d_squeeze_excitation_block(
    dim_in: int,
    dim_out: int,
    use_se: bool = False,
    se_reduction_ratio: int = 16,
    branch_fusion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    conv_a_kernel_size: _Pair = 3,
    conv_a_stride: _Pair = 1,
    conv_a_padding: _Pair = 1,
    conv_b_kernel_size: _Pair = 3,
    conv_b_stride: _Pair = 1,
    conv_b_padding: _Pair = 1,
    norm: Norm = nn.BatchNorm2d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv2d,
    squeeze_excitation: Layer = SqueezeAndExcitationLayer2D,
) -> AudioResBlock:
    """Build a 2-D residual block with squeeze and excitation, for spectrograms of shape (B, C, T, F).

    ::

        Input ─────────────┐
          ↓                │
        conv_a             │
          ↓                │
        Norm               │
          ↓                │
        Activation      (conv, Norm where the shapes differ)
          ↓                │
        conv_b             │
          ↓                │
        Norm               │
          ↓                │
        SE2D               │
          ↓                │
        Summation ←────────┘
          ↓
        Activation

    The tensors have four dimensions, so the default norm is ``nn.BatchNorm2d``, as in the published code (the
    documentation page prints ``BatchNorm3d``, which takes no such tensor).

    Args:
        dim_in: the number of input channels.
        dim_out: the number of output channels.
        use_se: put a squeeze-and-excitation layer at the end of the main branch.
        se_reduction_ratio: by what that layer reduces the channels.
        branch_fusion: makes one tensor of shortcut and main branch; ``None`` adds them.
        conv_a_kernel_size: the kernel size of the first convolution, a number or (T, F), as all sizes here.
        conv_a_stride: its stride.
        conv_a_padding: its padding.
        conv_b_kernel_size: the kernel size of the second convolution.
        conv_b_stride: its stride.
        conv_b_padding: its padding.
        norm: builds the norms, or ``None``.
        norm_eps: what the norms add to the variance.
        norm_momentum: the norms' momentum.
        activation: builds the activations, or ``None``.
        conv: builds the convolutions of both branches.
        squeeze_excitation: builds the layer that ``use_se`` adds, called with ``in_planes`` and ``reduction_ratio``.
    """

    def new_norm() -> nn.Module | None:
        return None if norm is None else norm(num_features=dim_out, eps=norm_eps, momentum=norm_momentum)

    def new_conv(in_channels: int, kernel_size: _Pair, stride: _Pair, padding: _Pair) -> nn.Module:
        return conv(
            in_channels=in_channels,
            out_channels=dim_out,
            kernel_size=_pair(kernel_size),
            stride=_pair(stride),
            padding=_pair(padding),
            bias=False,
        )

    branch2 = nn.Sequential(
        new_conv(dim_in, conv_a_kernel_size, conv_a_stride, conv_a_padding),
        new_norm() or nn.Identity(),
        make_activation(activation) or nn.Identity(),
        new_conv(dim_out, conv_b_kernel_size, conv_b_stride, conv_b_padding),
        new_norm() or nn.Identity(),
    )
    if use_se:
        branch2.append(squeeze_excitation(in_planes=dim_out, reduction_ratio=se_reduction_ratio))
    stride = tuple(a * b for a, b in zip(_pair(conv_a_stride), _pair(conv_b_stride), strict=True))
    projects = stride != (1, 1) or dim_in != dim_out
    return AudioResBlock(
        branch1_conv=new_conv(dim_in, 1, stride, 0) if projects else None,
        branch1_norm=new_norm() if projects else None,
        branch2=branch2,
        activation=make_activation(activation),
        branch_fusion=branch_fusion,
    )


def _pair(value: _Pair) -> tuple[int, int]:
    if isinstance(value, int):
        return (value, value)
    sizes = tuple(value)
    if len(sizes) != 2:
        msg = f"{value!r} is neither an integer nor two integers (T, F)"
        raise ArgumentError(msg, value=value)
    return sizes
