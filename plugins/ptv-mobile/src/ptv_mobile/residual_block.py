"""The residual block of EfficientX3D."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_layers.slots import Conv, Layer, Norm
from ptv_mobile.activations import NamedActivation, make_act
from ptv_mobile.block_base import CalibratedSize, EfficientBlock, convert_part
from ptv_mobile.sized_conv_blocks import Conv3d3x3x3DwBnAct, Conv3dPwBnAct, Conv3dTemporalKernel1BnAct
from ptv_mobile.squeeze_excitation import SqueezeExcitation
from ptv_mobile.time_first import time_first, transposed
from ptv_registry.errors import ArgumentError
from ptv_x3d.widths import round_width


class X3dBottleneckBlock(EfficientBlock):
    """A residual block of X3D made of efficient blocks, for clips (B, C, T, H, W).

    ::

        1x1x1, norm, act[0] -> 3x3x3 depthwise, norm, squeeze and excitation, act[1] -> 1x1x1, norm
        + input (through 1x1x1 and norm where shapes differ) -> act[2]

    Args:
        in_channels: channels of the input.
        mid_channels: channels of the depthwise convolution.
        out_channels: channels of the output.
        use_residual: add the input.
        spatial_stride: stride in height and width of the depthwise convolution; odd sizes are rounded up.
        se_ratio: channels inside squeeze and excitation, as a fraction of ``mid_channels``; 0 for no such layer.
        act_functions: the three activations, each "relu", "swish", "hswish", "identity", or what makes one.
        bias: for each of the three convolutions, whether it has a bias.
        use_bn: for each of the three convolutions, whether a norm follows.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        norm: makes each norm.
        conv: makes each convolution, those of squeeze and excitation included.
        squeeze_excitation: makes that layer; called with ``num_channels``, ``num_channels_reduced``, ``is_3d``, ``conv``.

    Raises:
        ArgumentError: the activation is unknown, or an argument that needs three entries has another number.
    """

    def __init__(
        self,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        use_residual: bool = True,
        spatial_stride: int = 1,
        se_ratio: float = 0.0625,
        act_functions: Sequence[NamedActivation] = ("relu", "relu", "relu"),
        bias: Sequence[bool] = (False, False, False),
        use_bn: Sequence[bool] = (True, True, True),
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        norm: Norm = nn.BatchNorm3d,
        conv: Conv = nn.Conv3d,
        squeeze_excitation: Layer = SqueezeExcitation,
    ) -> None:
        super().__init__()
        for name, values in (("act_functions", act_functions), ("bias", bias), ("use_bn", use_bn)):
            if isinstance(values, str) or len(values) != 3:
                msg = f"{name}={values!r} has {len(values)} entries; give three, one for each convolution"
                raise ArgumentError(msg, argument=name, value=values)
        norms: dict[str, Any] = {"norm_eps": norm_eps, "norm_momentum": norm_momentum, "norm": norm, "conv": conv}
        self._use_residual = use_residual
        self._res_proj: Conv3dTemporalKernel1BnAct | None = None
        if use_residual and (spatial_stride != 1 or in_channels != out_channels):
            self._res_proj = Conv3dTemporalKernel1BnAct(
                in_channels, out_channels, spatial_stride=spatial_stride, activation="identity", **norms
            )
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv_0"] = Conv3dPwBnAct(
            in_channels, mid_channels, bias=bias[0], activation=act_functions[0], use_bn=use_bn[0], **norms
        )
        layers["conv_1"] = Conv3d3x3x3DwBnAct(
            mid_channels, spatial_stride, bias=bias[1], activation="identity", use_bn=use_bn[1], **norms
        )
        if se_ratio > 0:
            layers["se"] = squeeze_excitation(
                num_channels=mid_channels,
                num_channels_reduced=round_width(mid_channels, se_ratio),
                is_3d=True,
                conv=conv,
            )
        layers["act_func_1"] = make_act(act_functions[1], "act_functions[1]")
        layers["conv_2"] = Conv3dPwBnAct(
            mid_channels, out_channels, bias=bias[2], activation="identity", use_bn=use_bn[2], **norms
        )
        self.layers = nn.Sequential(layers)
        self.final_act = make_act(act_functions[2], "act_functions[2]")
        self._deployed_time_first = False
        self._spatial_stride = spatial_stride
        self._mid_channels = mid_channels
        self._out_channels = out_channels

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Convert every part of the block for the size of its own input."""
        batch, _, frames, height, width = size = CalibratedSize.of(input_size, 5).size
        self.begin_conversion()
        self._deployed_time_first = not keep_conv3d
        stride = self._spatial_stride
        strided = (frames, (height - 1) // stride + 1, (width - 1) // stride + 1)  # kernel 3, padding 1
        sizes = {
            "conv_0": size,
            "conv_1": (batch, self._mid_channels, frames, height, width),
            "se": (batch, self._mid_channels, *strided),
            "act_func_1": (batch, self._mid_channels, *strided),
            "conv_2": (batch, self._mid_channels, *strided),
        }
        for name, layer in self.layers.named_children():
            convert_part(layer, sizes[name], keep_conv3d=keep_conv3d, fixed_batch=fixed_batch)
        if self._res_proj is not None:
            convert_part(self._res_proj, size, keep_conv3d=keep_conv3d, fixed_batch=fixed_batch)
        out_size = (batch, self._out_channels, *strided)
        convert_part(self.final_act, out_size, keep_conv3d=keep_conv3d, fixed_batch=fixed_batch)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, in_channels, T, H, W) to (B, out_channels, T, H', W')."""
        if not torch.jit.is_scripting():  # noqa: SIM102 - TorchScript leaves out what stands below this line alone
            if self._deployed_time_first:
                return transposed(self.time_first(transposed(x)))
        out = self.layers(x)
        if self._use_residual:
            out = out + (x if self._res_proj is None else self._res_proj(x))
        return self.final_act(out)

    def time_first(self, x: torch.Tensor) -> torch.Tensor:
        """The same, for clips (B, T, C, H, W)."""
        out = x
        for layer in self.layers:
            out = time_first(layer, out)
        if self._use_residual:
            out = out + (x if self._res_proj is None else time_first(self._res_proj, x))
        return time_first(self.final_act, out)
