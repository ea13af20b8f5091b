"""The blocks of X3D: inverted bottlenecks with depthwise convolution and squeeze and excitation."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Block, Conv, Layer, Norm
from ptv_layers.squeeze_excitation import SqueezeExcitation
from ptv_layers.swish import Swish
from ptv_registry.errors import ArgumentError
from ptv_resnet.block import ResBlock
from ptv_resnet.bottleneck import BottleneckBlock
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights
from ptv_x3d.widths import round_width


def create_x3d_bottleneck_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    conv_kernel_size: Sequence[int] = (3, 3, 3),
    conv_stride: Sequence[int] = (1, 2, 2),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    se_ratio: float = 0.0625,
    activation: Activation = nn.ReLU,
    inner_act: Activation = Swish,
    conv: Conv = nn.Conv3d,
    squeeze_excitation: Layer = SqueezeExcitation,
) -> BottleneckBlock:
    """Create the residual branch of X3D: widen, filter each channel by itself, gate the channels, narrow.

    ::

        conv_a, norm_a, act_a -> conv_b (depthwise), norm_b, squeeze and excitation, act_b -> conv_c, norm_c

    Args:
        dim_in: channels of the input.
        dim_inner: channels inside.
        dim_out: channels of the output.
        conv_kernel_size: (T, H, W) of the depthwise convolution b; the others are of size 1.
        conv_stride: (T, H, W) of convolution b.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        se_ratio: channels inside squeeze and excitation, as a fraction of ``dim_inner``; 0 for no such layer.
        activation: makes the activation after convolution a; ``None`` for none.
        inner_act: makes the activation after convolution b; ``None`` for none.
        conv: makes each convolution, those of squeeze and excitation included.
        squeeze_excitation: makes that layer; called with ``num_channels``, ``num_channels_reduced`` and ``conv``.

    Returns:
        A block from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').

    Raises:
        ArgumentError: if ``se_ratio`` is negative.
    """
    if se_ratio < 0:
        msg = (
            f"se_ratio is {se_ratio}; use a fraction of the channels such as 0.0625, or 0 for no squeeze and excitation"
        )
        raise ArgumentError(msg)
    gate: nn.Module = nn.Identity()
    if se_ratio > 0:
        gate = squeeze_excitation(
            num_channels=dim_inner, num_channels_reduced=round_width(dim_inner, se_ratio), conv=conv
        )
    block = BottleneckBlock(
        conv_a=_pointwise(conv, dim_in, dim_inner),
        norm_a=make_norm(norm, dim_inner, norm_eps, norm_momentum),
        act_a=make_activation(activation),
        conv_b=conv(
            in_channels=dim_inner,
            out_channels=dim_inner,
            kernel_size=tuple(conv_kernel_size),
            stride=tuple(conv_stride),
            padding=tuple(size // 2 for size in conv_kernel_size),
            bias=False,
            groups=dim_inner,
        ),
        norm_b=nn.Sequential(make_norm(norm, dim_inner, norm_eps, norm_momentum) or nn.Identity(), gate),
        act_b=make_activation(inner_act),
        conv_c=_pointwise(conv, dim_inner, dim_out),
        norm_c=make_norm(norm, dim_out, norm_eps, norm_momentum),
    )
    return init_resnet_weights(block)


def create_x3d_res_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    bottleneck: Block = create_x3d_bottleneck_block,
    use_shortcut: bool = True,
    conv_kernel_size: Sequence[int] = (3, 3, 3),
    conv_stride: Sequence[int] = (1, 2, 2),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    se_ratio: float = 0.0625,
    activation: Activation = nn.ReLU,
    inner_act: Activation = Swish,
    conv_skip: Conv = nn.Conv3d,
    norm_on_any_shortcut: bool = False,
) -> ResBlock:
    """Create a residual block of X3D: a bottleneck added to a shortcut, then an activation.

    The shortcut is the input itself; where strides differ a convolution of size 1, where channels differ also a norm.

    Args:
        dim_in: channels of the input.
        dim_inner: channels inside the bottleneck.
        dim_out: channels of the output.
        bottleneck: makes the residual branch.
        use_shortcut: put a convolution on the shortcut where one is needed; without it none may be needed.
        conv_kernel_size: (T, H, W) of the bottleneck's convolution b.
        conv_stride: (T, H, W) of the bottleneck's convolution b, and of the shortcut.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        se_ratio: channels inside squeeze and excitation, as a fraction of ``dim_inner``; 0 for no such layer.
        activation: makes the activations after convolution a and after the sum; ``None`` for none.
        inner_act: makes the activation after convolution b; ``None`` for none.
        conv_skip: makes the convolution of the shortcut.
        norm_on_any_shortcut: put a norm on the shortcut where only strides differ, too; PySlowFast's own X3D has it.

    Returns:
        A block from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').

    Raises:
        ArgumentError: if the shortcut needs a convolution and ``use_shortcut`` is False.
    """
    branch1_conv = branch1_norm = None
    if dim_in != dim_out or prod(conv_stride) > 1:
        if not use_shortcut:
            msg = (
                f"use_shortcut is False, but the input ({dim_in} channels) cannot be added to the output ({dim_out} "
                f"channels, stride {tuple(conv_stride)}): leave use_shortcut True, or keep the channels and use stride 1"
            )
            raise ArgumentError(msg)
        branch1_conv = init_resnet_weights(
            conv_skip(
                in_channels=dim_in,
                out_channels=dim_out,
                kernel_size=(1, 1, 1),
                stride=tuple(conv_stride),
                padding=(0, 0, 0),
                bias=False,
            )
        )
        if dim_in != dim_out or norm_on_any_shortcut:
            branch1_norm = make_norm(norm, dim_out, norm_eps, norm_momentum)
    return ResBlock(
        branch1_conv=branch1_conv,
        branch1_norm=branch1_norm,
        branch2=bottleneck(
            dim_in=dim_in,
            dim_inner=dim_inner,
            dim_out=dim_out,
            conv_kernel_size=conv_kernel_size,
            conv_stride=conv_stride,
            norm=norm,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            se_ratio=se_ratio,
            activation=activation,
            inner_act=inner_act,
        ),
        activation=make_activation(activation),
    )


def _pointwise(conv: Conv, in_channels: int, out_channels: int) -> nn.Module:
    return conv(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=(1, 1, 1),
        stride=(1, 1, 1),
        padding=(0, 0, 0),
        bias=False,
    )
