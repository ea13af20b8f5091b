"""A stage."""

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
from torch import nn

from ptv_registry import Slot

Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]
Activation = Annotated[Callable[..., nn.Module] | None, Slot("activation")]
Block = Annotated[Callable[..., nn.Module], Slot("block")]
Conv = Annotated[Callable[..., nn.Module], Slot("conv")]


def create_mine_stage(
    *,
    depth: int,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    bottleneck: Block,
    conv_a_kernel_size: Sequence[int] = (3, 1, 1),
    conv_a_stride: Sequence[int] = (2, 1, 1),
    conv_a_padding: Sequence[int] = (1, 0, 0),
    conv_b_kernel_size: Sequence[int] = (1, 3, 3),
    conv_b_stride: Sequence[int] = (1, 2, 2),
    conv_b_padding: Sequence[int] = (0, 1, 1),
    conv_b_num_groups: int = 1,
    conv_b_dilation: Sequence[int] = (1, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    conv: Conv = nn.Conv3d,
) -> nn.Module:
    """Branches that are each added to their input with a learned weight, which begins at 0; replace it with your stage.

    Args:
        depth: number of blocks.
        dim_in, dim_inner, dim_out: channels of the input, inside the blocks, and of the output.
        bottleneck: makes the branch of each block.
        conv_a_kernel_size, conv_a_stride, conv_a_padding: (time, height, width) of the branches' first convolution.
        conv_b_kernel_size, conv_b_stride, conv_b_padding, conv_b_dilation: the same of their second.
        conv_b_num_groups: groups of channels of the second.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation; ``None`` for none.
        conv: makes the convolutions of the branches, and of the shortcut where channels or sizes change.

    Returns:
        A module from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').
    """
    blocks = []
    for index in range(depth):
        first = index == 0
        branch = bottleneck(
            dim_in=dim_in if first else dim_out,
            dim_inner=dim_inner,
            dim_out=dim_out,
            conv_a_kernel_size=conv_a_kernel_size,
            conv_a_stride=conv_a_stride if first else (1, 1, 1),
            conv_a_padding=conv_a_padding,
            conv_a=conv,
            conv_b_kernel_size=conv_b_kernel_size,
            conv_b_stride=conv_b_stride if first else (1, 1, 1),
            conv_b_padding=conv_b_padding,
            conv_b_num_groups=conv_b_num_groups,
            conv_b_dilation=conv_b_dilation,
            conv_b=conv,
            conv_c=conv,
            norm=norm,
            norm_eps=1e-5,
            norm_momentum=0.1,
            activation=activation,
        )
        stride = tuple(a * b for a, b in zip(conv_a_stride, conv_b_stride, strict=True))
        shortcut = (
            conv(in_channels=dim_in, out_channels=dim_out, kernel_size=(1, 1, 1), stride=stride, padding=(0, 0, 0))
            if first
            else nn.Identity()
        )
        blocks.append(WeightedBranch(shortcut, branch))
    return nn.Sequential(*blocks)


class WeightedBranch(nn.Module):
    """A branch times a learned weight, which begins at 0, added to a shortcut.

    Args:
        shortcut: of the input.
        branch: of the input.
    """

    def __init__(self, shortcut: nn.Module, branch: nn.Module) -> None:
        super().__init__()
        self.shortcut, self.branch = shortcut, branch
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to (B, C', T', H', W')."""
        added: torch.Tensor = self.shortcut(x) + self.weight * self.branch(x)
        return added
