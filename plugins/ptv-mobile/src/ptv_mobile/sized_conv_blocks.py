"""The convolution blocks with the sizes that mobile kernels are good at."""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from ptv_layers.slots import Conv, Norm
from ptv_mobile.activations import NamedActivation
from ptv_mobile.conv_blocks import Conv3dBnAct


class Conv3dPwBnAct(Conv3dBnAct):
    """A pointwise (1x1x1) convolution, then a norm, then an activation.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        bias: give the convolution a bias.
        activation: the activation: "relu", "swish", "hswish", "identity", or what makes one.
        use_bn: put a norm between convolution and activation.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        norm: makes the norm.
        conv: makes the convolution.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        bias: bool = False,
        activation: NamedActivation = "relu",
        use_bn: bool = True,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        norm: Norm = nn.BatchNorm3d,
        conv: Conv = nn.Conv3d,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size=1,
            bias=bias,
            activation=activation,
            use_bn=use_bn,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            norm=norm,
            conv=conv,
        )


class Conv3d3x3x3DwBnAct(Conv3dBnAct):
    """A depthwise 3x3x3 convolution with padding 1, then a norm, then an activation.

    Args:
        in_channels: channels of input and output.
        spatial_stride: stride in height and width.
        bias: give the convolution a bias.
        activation: the activation: "relu", "swish", "hswish", "identity", or what makes one.
        use_bn: put a norm between convolution and activation.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        norm: makes the norm.
        conv: makes the convolution.
    """

    def __init__(
        self,
        in_channels: int,
        spatial_stride: int = 1,
        bias: bool = False,
        activation: NamedActivation = "relu",
        use_bn: bool = True,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        norm: Norm = nn.BatchNorm3d,
        conv: Conv = nn.Conv3d,
    ) -> None:
        super().__init__(
            in_channels,
            in_channels,
            kernel_size=3,
            stride=(1, spatial_stride, spatial_stride),
            padding=1,
            groups=in_channels,
            bias=bias,
            activation=activation,
            use_bn=use_bn,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            norm=norm,
            conv=conv,
        )


class Conv3dTemporalKernel1BnAct(Conv3dBnAct):
    """A convolution of each frame by itself (kernel 1 x k x k), then a norm, then an activation.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        bias: give the convolution a bias.
        groups: the number of groups.
        spatial_kernel: kernel size in height and width.
        spatial_stride: stride in height and width.
        spatial_padding: padding in height and width.
        spatial_dilation: dilation in height and width.
        activation: the activation: "relu", "swish", "hswish", "identity", or what makes one.
        use_bn: put a norm between convolution and activation.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        norm: makes the norm.
        conv: makes the convolution.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        bias: bool = False,
        groups: int = 1,
        spatial_kernel: int = 1,
        spatial_stride: int = 1,
        spatial_padding: int = 0,
        spatial_dilation: int = 1,
        activation: NamedActivation = "relu",
        use_bn: bool = True,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        norm: Norm = nn.BatchNorm3d,
        conv: Conv = nn.Conv3d,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size=(1, spatial_kernel, spatial_kernel),
            stride=(1, spatial_stride, spatial_stride),
            padding=(0, spatial_padding, spatial_padding),
            dilation=(1, spatial_dilation, spatial_dilation),
            groups=groups,
            bias=bias,
            activation=activation,
            use_bn=use_bn,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            norm=norm,
            conv=conv,
        )


class _TemporalConvBnAct(Conv3dBnAct):
    """A convolution over time alone that keeps the number of frames; a subclass says over how many of them."""

    _frames: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        groups: int = 1,
        bias: bool = False,
        activation: NamedActivation = "relu",
        use_bn: bool = True,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        norm: Norm = nn.BatchNorm3d,
        conv: Conv = nn.Conv3d,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size=(self._frames, 1, 1),
            padding=(self._frames // 2, 0, 0),
            groups=groups,
            bias=bias,
            activation=activation,
            use_bn=use_bn,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            norm=norm,
            conv=conv,
        )


class Conv3d3x1x1BnAct(_TemporalConvBnAct):
    """A temporal convolution of three frames with padding 1, then a norm, then an activation.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        groups: the number of groups. A depthwise one is slower on phones than :class:`Conv3d3x3x3DwBnAct` in int8.
        bias: give the convolution a bias.
        activation: the activation: "relu", "swish", "hswish", "identity", or what makes one.
        use_bn: put a norm between convolution and activation.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        norm: makes the norm.
        conv: makes the convolution.
    """

    _frames = 3


class Conv3d5x1x1BnAct(_TemporalConvBnAct):
    """A temporal convolution of five frames with padding 2, then a norm, then an activation.

    Arguments as in :class:`Conv3d3x1x1BnAct`.
    """

    _frames = 5
