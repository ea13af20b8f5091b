"""Convolutions made of convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.sizes import triple
from ptv_layers.slots import Activation, Norm
from ptv_registry.errors import ArgumentError

_Size = int | Sequence[int]
_Sizes = Sequence[_Size | None]


class ConvReduce3D(nn.Module):
    """Several 3-D convolutions of the same input, whose outputs are summed or concatenated.

    ::

        Conv3d, Conv3d, ..., Conv3d
                   ↓
                  Sum

    Every argument but the channels and the reduction holds one value per convolution; an entry (or the whole
    argument) that is ``None`` leaves ``nn.Conv3d``'s default.

    Args:
        in_channels: the number of input channels.
        out_channels: the number of output channels of each convolution.
        kernel_size: the kernel sizes; their number is the number of convolutions.
        stride: the strides.
        padding: the paddings of (T, H, W).
        padding_mode: ``zeros``, ``reflect``, ``replicate`` or ``circular`` for each.
        dilation: the spacings between kernel elements.
        groups: the numbers of blocked connections from input to output channels.
        bias: whether each adds a learnable bias.
        reduction_method: ``sum``, or ``cat`` along the channels.

    Raises:
        ArgumentError: the reduction is unknown, or an argument does not have one value per convolution.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        out_channels: int,
        kernel_size: Sequence[_Size],
        stride: _Sizes | None = None,
        padding: Sequence[_Size | str | None] | None = None,
        padding_mode: Sequence[str | None] | None = None,
        dilation: _Sizes | None = None,
        groups: Sequence[int | None] | None = None,
        bias: Sequence[bool | None] | None = None,
        reduction_method: str = "sum",
    ) -> None:
        super().__init__()
        if reduction_method not in ("sum", "cat"):
            msg = f"reduction_method={reduction_method!r} is neither 'sum' nor 'cat'"
            raise ArgumentError(msg, argument="reduction_method", value=reduction_method)
        self.reduction_method = reduction_method
        per_conv: dict[str, Sequence[Any] | None] = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "padding_mode": padding_mode,
            "dilation": dilation,
            "groups": groups,
            "bias": bias,
        }
        given = {name: values for name, values in per_conv.items() if values is not None}
        for name, values in given.items():
            if isinstance(values, (int, str)) or len(values) == 0 or len(values) != len(kernel_size):
                msg = f"{name}={values!r} does not hold one value for each convolution of kernel_size={kernel_size!r}"
                raise ArgumentError(msg, argument=name, value=values)
        self.convs = nn.ModuleList()
        for index in range(len(kernel_size)):
            arguments = {name: values[index] for name, values in given.items() if values[index] is not None}
            arguments = {name: tuple(v) if isinstance(v, list) else v for name, v in arguments.items()}
            self.convs.append(nn.Conv3d(in_channels=in_channels, out_channels=out_channels, **arguments))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve a tensor of shape (B, C, T, H, W) with each and reduce."""
        outputs = [conv(x) for conv in self.convs]
        if self.reduction_method == "cat":
            return torch.cat(outputs, dim=1)
        return torch.stack(outputs).sum(dim=0)


def create_conv_reduce(
    *,
    in_channels: int,
    out_channels: int,
    kernel_size: _Size | Sequence[_Size],
    stride: _Size | Sequence[_Size] = 1,
    padding: _Size | str | Sequence[_Size | str] = 0,
    dilation: _Size | Sequence[_Size] = 1,
    groups: int | Sequence[int] = 1,
    bias: bool | Sequence[bool] = True,
    padding_mode: str | Sequence[str] = "zeros",
    reduction_method: str = "sum",
) -> ConvReduce3D:
    """Build a :class:`ConvReduce3D` with the call of ``nn.Conv3d``.

    What ``nn.Conv3d`` takes (a number, a triple of numbers, a word) holds for all convolutions. A list of such values
    holds one per convolution: ``conv_reduce(kernel_size=[[1, 3, 3], [3, 1, 1]], padding=[[0, 1, 1], [1, 0, 0]])``.
    Without any list there is one convolution.

    Args:
        in_channels: the number of input channels.
        out_channels: the number of output channels of each convolution; ``cat`` multiplies it.
        kernel_size: the kernel size or sizes.
        stride: the stride or strides.
        padding: the padding or paddings of (T, H, W).
        dilation: the spacing or spacings between kernel elements.
        groups: the number or numbers of blocked connections.
        bias: add a learnable bias.
        padding_mode: ``zeros``, ``reflect``, ``replicate`` or ``circular``.
        reduction_method: ``sum``, or ``cat`` along the channels.

    Raises:
        ArgumentError: the reduction is unknown, or the lists differ in length.
    """
    sizes: dict[str, Any] = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    words: dict[str, Any] = {"groups": groups, "bias": bias, "padding_mode": padding_mode}
    lists = {name: list(value) for name, value in sizes.items() if _is_list_of_sizes(value)}
    lists |= {name: list(value) for name, value in words.items() if isinstance(value, (list, tuple))}
    count = len(next(iter(lists.values()), [None]))
    spread = {name: lists.get(name, [value] * count) for name, value in (sizes | words).items()}
    for name, values in lists.items():
        if len(values) != count:
            msg = f"{name}={values!r} holds {len(values)} values, but there are {count} convolutions"
            raise ArgumentError(msg, argument=name, value=values)
    return ConvReduce3D(in_channels=in_channels, out_channels=out_channels, reduction_method=reduction_method, **spread)


def _is_list_of_sizes(value: object) -> bool:
    """Whether a size is given per convolution: a sequence that is not a plain (T, H, W)."""
    if not isinstance(value, (list, tuple)):
        return False
    return len(value) != 3 or any(not isinstance(entry, int) for entry in value)


class Conv2plus1d(nn.Module):
    """A 3-D convolution factorized into a temporal and a spatial one, with a norm and an activation in between.

    ::

        Conv_t (or Conv_xy if conv_xy_first = True)
          ↓
        Normalization
          ↓
        Activation
          ↓
        Conv_xy (or Conv_t if conv_xy_first = True)

    Tran et al.: "A Closer Look at Spatiotemporal Convolutions for Action Recognition", https://arxiv.org/abs/1711.11248

    Args:
        conv_t: the temporal convolution.
        norm: the norm, or ``None``.
        activation: the activation, or ``None``.
        conv_xy: the spatial convolution.
        conv_xy_first: apply the spatial convolution before the temporal one.

    Raises:
        ArgumentError: one of the convolutions is missing.
    """

    def __init__(
        self,
        *,
        conv_t: nn.Module | None = None,
        norm: nn.Module | None = None,
        activation: nn.Module | None = None,
        conv_xy: nn.Module | None = None,
        conv_xy_first: bool = False,
    ) -> None:
        super().__init__()
        if conv_t is None or conv_xy is None:
            missing = "conv_t" if conv_t is None else "conv_xy"
            msg = f"{missing}=None: both convolutions are needed; for one of them alone use it directly"
            raise ArgumentError(msg, argument=missing, value=None)
        self.conv_t = conv_t
        self.norm = norm
        self.activation = activation
        self.conv_xy = conv_xy
        self.conv_xy_first = conv_xy_first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve a tensor of shape (B, C, T, H, W)."""
        x = self.conv_xy(x) if self.conv_xy_first else self.conv_t(x)
        if self.norm is not None:
            x = self.norm(x)
        if self.activation is not None:
            x = self.activation(x)
        return self.conv_t(x) if self.conv_xy_first else self.conv_xy(x)


def create_conv_2plus1d(
    *,
    in_channels: int,
    out_channels: int,
    inner_channels: int | None = None,
    conv_xy_first: bool = False,
    kernel_size: _Size = (3, 3, 3),
    stride: _Size = (2, 2, 2),
    padding: _Size | str = (1, 1, 1),
    bias: bool = False,
    dilation: _Size = (1, 1, 1),
    groups: int = 1,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
) -> Conv2plus1d:
    """Build a :class:`Conv2plus1d`; it can stand wherever an undilated, ungrouped ``nn.Conv3d`` can.

    Args:
        in_channels: the number of input channels.
        out_channels: the number of output channels.
        inner_channels: the number of channels between the convolutions; ``out_channels`` when ``None``.
        conv_xy_first: apply the spatial convolution before the temporal one.
        kernel_size: the kernel size (T, H, W), or one number for all three.
        stride: the stride, likewise.
        padding: the padding, likewise; or ``same`` or ``valid``.
        bias: add a learnable bias in both convolutions.
        dilation: the spacing between kernel elements; only 1 is supported.
        groups: the number of blocked connections; only 1 is supported.
        norm: builds the norm, or ``None``.
        norm_eps: what the norm adds to the variance.
        norm_momentum: the norm's momentum.
        activation: builds the activation, or ``None``.

    Raises:
        ArgumentError: a dilation or a number of groups other than 1, or a size that is not (T, H, W).
    """
    if groups != 1:
        msg = f"conv2plus1d does not support groups={groups}, only 1; leave grouped convolutions to conv3d"
        raise ArgumentError(msg, argument="groups", value=groups)
    if triple(dilation, "dilation") != (1, 1, 1):
        msg = f"conv2plus1d does not support dilation={dilation!r}, only 1; leave dilated convolutions to conv3d"
        raise ArgumentError(msg, argument="dilation", value=dilation)
    inner = out_channels if inner_channels is None else inner_channels
    kernel_t, kernel_h, kernel_w = triple(kernel_size, "kernel_size")
    stride_t, stride_h, stride_w = triple(stride, "stride")
    padding_of_t: str | tuple[int, int, int]
    padding_of_xy: str | tuple[int, int, int]
    if isinstance(padding, str):
        padding_of_t = padding_of_xy = padding
    else:
        padding_t, padding_h, padding_w = triple(padding, "padding")
        padding_of_t, padding_of_xy = (padding_t, 0, 0), (0, padding_h, padding_w)
    conv_t = nn.Conv3d(
        in_channels=inner if conv_xy_first else in_channels,
        out_channels=out_channels if conv_xy_first else inner,
        kernel_size=(kernel_t, 1, 1),
        stride=(stride_t, 1, 1),
        padding=padding_of_t,
        bias=bias,
    )
    conv_xy = nn.Conv3d(
        in_channels=in_channels if conv_xy_first else inner,
        out_channels=inner if conv_xy_first else out_channels,
        kernel_size=(1, kernel_h, kernel_w),
        stride=(1, stride_h, stride_w),
        padding=padding_of_xy,
        bias=bias,
    )
    return Conv2plus1d(
        conv_t=conv_t,
        norm=None if norm is None else norm(num_features=inner, eps=norm_eps, momentum=norm_momentum),
        activation=make_activation(activation),
        conv_xy=conv_xy,
        conv_xy_first=conv_xy_first,
    )
