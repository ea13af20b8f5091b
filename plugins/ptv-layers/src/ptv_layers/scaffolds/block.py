"""The residual branch of a block."""

from collections.abc import Callable, Sequence
from typing import Annotated

from torch import nn

from ptv_registry import Slot

Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]
Activation = Annotated[Callable[..., nn.Module] | None, Slot("activation")]
Conv = Annotated[Callable[..., nn.Module], Slot("conv")]


def create_mine_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
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
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
) -> nn.Module:
    """Norm and activation before each convolution instead of after it; replace it with your block.

    Args:
        dim_in, dim_inner, dim_out: channels of the input, between the convolutions, and of the output.
        conv_a_kernel_size, conv_a_stride, conv_a_padding: (time, height, width) of the first convolution.
        conv_a, conv_b, conv_c: make the convolutions.
        conv_b_kernel_size, conv_b_stride, conv_b_padding, conv_b_dilation: (time, height, width) of the second.
        conv_b_num_groups: groups of channels of the second.
        norm: makes each norm; ``None`` for none.
        norm_eps, norm_momentum: of the norms.
        activation: makes each activation; ``None`` for none.

    Returns:
        A module from (B, dim_in, T, H, W) to (B, dim_out, T', H', W').
    """

    def before(channels: int) -> list[nn.Module]:
        layers = [] if norm is None else [norm(num_features=channels, eps=norm_eps, momentum=norm_momentum)]
        return [*layers, *([] if activation is None else [activation()])]

    return nn.Sequential(
        *before(dim_in),
        conv_a(
            in_channels=dim_in,
            out_channels=dim_inner,
            kernel_size=tuple(conv_a_kernel_size),
            stride=tuple(conv_a_stride),
            padding=tuple(conv_a_padding),
            bias=False,
        ),
        *before(dim_inner),
        conv_b(
            in_channels=dim_inner,
            out_channels=dim_inner,
            kernel_size=tuple(conv_b_kernel_size),
            stride=tuple(conv_b_stride),
            padding=tuple(conv_b_padding),
            dilation=tuple(conv_b_dilation),
            groups=conv_b_num_groups,
            bias=False,
        ),
        *before(dim_inner),
        conv_c(in_channels=dim_inner, out_channels=dim_out, kernel_size=(1, 1, 1), stride=(1, 1, 1), padding=(0, 0, 0)),
    )
