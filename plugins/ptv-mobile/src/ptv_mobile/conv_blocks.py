"""Convolution, norm and activation as one efficient block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ptv_layers.sizes import triple
from ptv_layers.slots import Conv, Norm
from ptv_mobile.activations import NamedActivation, make_act
from ptv_mobile.block_base import CalibratedSize, EfficientBlock, convert_part
from ptv_mobile.decomposed_conv import DecomposedConv3d, why_not_decomposable
from ptv_mobile.time_first import time_first, transposed

_Size = int | Sequence[int]


class Conv3dBnAct(EfficientBlock):
    """Any 3-D convolution, then a norm, then an activation, for clips (B, C, T, H, W).

    In the deployable form a batch norm is folded into the convolution, and the convolution is a sum of 2-D ones
    (:class:`ptv_mobile.DecomposedConv3d`). A part given through a slot that is no ``nn.Conv3d`` or
    ``nn.BatchNorm3d`` stays what it is. The classes of
    :mod:`ptv_mobile.sized_conv_blocks` are this one with the sizes that mobile kernels are good at.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: (T, H, W) of the kernel, or one number, as all sizes here.
        stride: the stride.
        padding: the padding.
        dilation: the dilation.
        groups: the number of groups.
        bias: give the convolution a bias.
        padding_mode: of the convolution.
        activation: the activation: "relu", "swish", "hswish", "identity", or what makes one.
        use_bn: put a norm between convolution and activation.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        norm: makes the norm.
        conv: makes the convolution.

    Raises:
        ArgumentError: the activation is unknown.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _Size,
        stride: _Size = 1,
        padding: _Size = 0,
        dilation: _Size = 1,
        groups: int = 1,
        bias: bool = False,
        padding_mode: str = "zeros",
        activation: NamedActivation = "relu",
        use_bn: bool = True,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        norm: Norm = nn.BatchNorm3d,
        conv: Conv = nn.Conv3d,
    ) -> None:
        super().__init__()
        kernel: OrderedDict[str, nn.Module] = OrderedDict()
        kernel["conv"] = conv(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=triple(kernel_size, "kernel_size"),
            stride=triple(stride, "stride"),
            padding=triple(padding, "padding"),
            dilation=triple(dilation, "dilation"),
            groups=groups,
            bias=bias,
            padding_mode=padding_mode,
        )
        if use_bn and norm is not None:
            kernel["bn"] = norm(num_features=out_channels, eps=norm_eps, momentum=norm_momentum)
        kernel["act"] = make_act(activation)
        self.kernel = nn.Sequential(kernel)

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Fold the norm, and make 2-D convolutions of the 3-D one unless ``keep_conv3d``."""
        size = CalibratedSize.of(input_size, 5).size
        self.begin_conversion()
        parts = dict(self.kernel.named_children())
        conv, norm, act = parts["conv"], parts.get("bn"), parts["act"]
        if type(conv) is nn.Conv3d and type(norm) is nn.BatchNorm3d and norm.running_var is not None:
            conv, norm = fuse_conv_bn_eval(conv, norm), None
        if isinstance(conv, nn.Conv3d) and not keep_conv3d and why_not_decomposable(conv) is None:
            conv = DecomposedConv3d(conv, size, fixed_batch)
        for part in (conv, act):
            convert_part(part, size, keep_conv3d=keep_conv3d, fixed_batch=fixed_batch)
        kept = [("conv", conv), ("bn", norm), ("act", act)]
        self.kernel = nn.Sequential(OrderedDict((name, part) for name, part in kept if part is not None))
        self.kernel.eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, out_channels, T', H', W')."""
        if not torch.jit.is_scripting():  # noqa: SIM102 - TorchScript leaves out what stands below this line alone
            if isinstance(self.kernel.conv, DecomposedConv3d):
                return transposed(self.time_first(transposed(x)))
        return self.kernel(x)

    def time_first(self, x: torch.Tensor) -> torch.Tensor:
        """The same, for clips (B, T, C, H, W)."""
        for part in self.kernel:
            x = time_first(part, x)
        return x


def create_efficient_conv(
    in_channels: int,
    out_channels: int,
    kernel_size: _Size,
    stride: _Size = 1,
    padding: _Size = 0,
    dilation: _Size = 1,
    groups: int = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> Conv3dBnAct:
    """Create a convolution that can be converted, with the arguments of ``nn.Conv3d``, for the convolutions of any model.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: (T, H, W) of the kernel, or one number, as all sizes here.
        stride: the stride.
        padding: the padding.
        dilation: the dilation.
        groups: the number of groups.
        bias: give it a bias.
        padding_mode: what stands in the padding.
    """
    return Conv3dBnAct(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        dilation,
        groups,
        bias,
        padding_mode,
        activation="identity",
        use_bn=False,
    )
