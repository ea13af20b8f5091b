"""The stem of X3D: a spatial convolution and a temporal one, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.convolutions import Conv2plus1d
from ptv_layers.slots import Activation, Conv, Norm
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.stem import ResNetBasicStem
from ptv_resnet.weight_init import init_resnet_weights


def create_x3d_stem(
    *,
    in_channels: int,
    out_channels: int,
    conv_kernel_size: Sequence[int] = (5, 3, 3),
    conv_stride: Sequence[int] = (1, 2, 2),
    conv_padding: Sequence[int] = (2, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> ResNetBasicStem:
    """Create the stem of X3D: spatial convolution, depthwise temporal convolution, norm, activation.

    Args:
        in_channels: channels of the clip.
        out_channels: channels of the stem's output.
        conv_kernel_size: (T, H, W); the temporal convolution takes T, the spatial one H and W.
        conv_stride: (T, H, W), split likewise.
        conv_padding: (T, H, W), split likewise.
        norm: makes the norm; ``None`` for no norm.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for no activation.
        conv: makes each of the two convolutions.

    Returns:
        A stem from (B, in_channels, T, H, W) to (B, out_channels, T', H', W').
    """
    spatial = conv(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=(1, *conv_kernel_size[1:]),
        stride=(1, *conv_stride[1:]),
        padding=(0, *conv_padding[1:]),
        bias=False,
    )
    temporal = conv(
        in_channels=out_channels,
        out_channels=out_channels,
        kernel_size=(conv_kernel_size[0], 1, 1),
        stride=(conv_stride[0], 1, 1),
        padding=(conv_padding[0], 0, 0),
        bias=False,
        groups=out_channels,
    )
    stem = ResNetBasicStem(
        # Published checkpoints call the spatial convolution, which comes first, conv_t, and the temporal one conv_xy.
        conv=Conv2plus1d(conv_t=spatial, conv_xy=temporal),
        norm=make_norm(norm, out_channels, norm_eps, norm_momentum),
        activation=make_activation(activation),
    )
    return init_resnet_weights(stem)
