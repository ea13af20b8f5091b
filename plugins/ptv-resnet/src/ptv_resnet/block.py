"""The residual block: a shortcut, a branch, and what joins them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Block, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights


def sum_of_branches(shortcut: torch.Tensor, branch: torch.Tensor) -> torch.Tensor:
    """The sum; a function of its own because TorchScript compiles no operator that is an attribute."""
    return shortcut + branch


BranchFusion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def create_res_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    bottleneck: Block,
    use_shortcut: bool = False,
    branch_fusion: BranchFusion | None = None,
    conv_a_kernel_size: Sequence[int] = (3, 1, 1),
    conv_a_stride: Sequence[int] = (2, 1, 1),
    conv_a_padding: Sequence[int] = (1, 0, 0),
    conv_a: Conv = nn.Conv3d,
    conv_b_kernel_size: Sequence[int] = (1, 3, 3),
    conv_b_stride: Sequence[int] = (1, 2, 2),
    conv_b_padding: Sequence[int] = (0, 1, 1),
    conv_b_num_groups: int = 1,
    conv_b_dilation: Sequence[int] = (1, 1, 1),
    conv_b: Conv = nn.Conv3d,
    conv_c: Conv = nn.Conv3d,
    conv_skip: Conv = nn.Conv3d,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation_bottleneck: Activation = nn.ReLU,
    activation_block: Activation = nn.ReLU,
) -> ResBlock:
    """Create a residual block: a bottleneck added to a shortcut, then an activation.

    The shortcut is the input itself; where channels or strides differ, or ``use_shortcut`` asks for it, a convolution
    of size 1 and a norm.

    Args:
        dim_in: channels of the input.
        dim_inner: channels inside the bottleneck.
        dim_out: channels of the output.
        bottleneck: makes the residual branch.
        use_shortcut: put convolution and norm on the shortcut in any case.
        branch_fusion: joins shortcut and branch; ``None`` for their sum.
        conv_a_kernel_size: (T, H, W) of convolution a.
        conv_a_stride: (T, H, W) of convolution a.
        conv_a_padding: (T, H, W) of convolution a.
        conv_a: makes convolution a.
        conv_b_kernel_size: (T, H, W) of convolution b.
        conv_b_stride: (T, H, W) of convolution b.
        conv_b_padding: (T, H, W) of convolution b.
        conv_b_num_groups: channel groups of convolution b.
        conv_b_dilation: (T, H, W) of convolution b.
        conv_b: makes convolution b.
        conv_c: makes convolution c.
        conv_skip: makes the convolution of the shortcut.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation_bottleneck: makes each activation of the bottleneck; ``None`` for none.
        activation_block: makes the activation after the sum; ``None`` for none.

    Returns:
        A block from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').
    """
    stride = tuple(a * b for a, b in zip(conv_a_stride, conv_b_stride, strict=True))
    branch1_conv = branch1_norm = None
    if use_shortcut or dim_in != dim_out or prod(stride) != 1:
        branch1_conv = init_resnet_weights(
            conv_skip(
                in_channels=dim_in,
                out_channels=dim_out,
                kernel_size=(1, 1, 1),
                stride=stride,
                padding=(0, 0, 0),
                bias=False,
            )
        )
        branch1_norm = make_norm(norm, dim_out, norm_eps, norm_momentum)
    return ResBlock(
        branch1_conv=branch1_conv,
        branch1_norm=branch1_norm,
        branch2=bottleneck(
            dim_in=dim_in,
            dim_inner=dim_inner,
            dim_out=dim_out,
            conv_a_kernel_size=conv_a_kernel_size,
            conv_a_stride=conv_a_stride,
            conv_a_padding=conv_a_padding,
            conv_a=conv_a,
            conv_b_kernel_size=conv_b_kernel_size,
            conv_b_stride=conv_b_stride,
            conv_b_padding=conv_b_padding,
            conv_b_num_groups=conv_b_num_groups,
            conv_b_dilation=conv_b_dilation,
            conv_b=conv_b,
            conv_c=conv_c,
            norm=norm,
            norm_eps=norm_eps,
            norm_momentum=norm_momentum,
            activation=activation_bottleneck,
        ),
        activation=make_activation(activation_block),
        branch_fusion=branch_fusion,
    )


class ResBlock(nn.Module):
    """A shortcut and a branch, joined, then an activation; made by :func:`create_res_block`.

    Args:
        branch1_conv: convolution of the shortcut; ``None`` for the input itself.
        branch1_norm: norm of the shortcut.
        branch2: the branch.
        activation: the activation after the two are joined.
        branch_fusion: joins shortcut and branch, in this order; ``None`` for their sum.

    Raises:
        ArgumentError: if no branch is given.
    """

    def __init__(
        self,
        branch1_conv: nn.Module | None = None,
        branch1_norm: nn.Module | None = None,
        branch2: nn.Module | None = None,
        activation: nn.Module | None = None,
        branch_fusion: BranchFusion | None = None,
    ) -> None:
        super().__init__()
        if branch2 is None:
            msg = "branch2 is None, but a residual block needs a branch: pass a module such as a BottleneckBlock"
            raise ArgumentError(msg)
        self.branch1_conv = branch1_conv
        self.branch1_norm = branch1_norm
        self.branch2 = branch2
        self.activation = activation
        self.branch_fusion = sum_of_branches if branch_fusion is None else branch_fusion

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W')."""
        shortcut = x
        if self.branch1_conv is not None:
            shortcut = self.branch1_conv(x)
            if self.branch1_norm is not None:
                shortcut = self.branch1_norm(shortcut)
        x = self.branch_fusion(shortcut, self.branch2(x))
        if self.activation is not None:
            x = self.activation(x)
        return x
