"""The classifier of X3D: a pool between two projections, dropout, linear projection, activation, average."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.activations import Softmax, make_activation
from ptv_layers.slots import Activation, Conv, Norm, Pool
from ptv_registry.errors import ArgumentError
from ptv_resnet.head import ResNetBasicHead, make_dropout
from ptv_resnet.norm_and_pool import make_norm, make_pool
from ptv_resnet.weight_init import init_resnet_weights


def create_x3d_head(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    num_classes: int,
    pool_act: Activation = nn.ReLU,
    pool_kernel_size: Sequence[int] | None = (13, 5, 5),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    bn_lin5_on: bool = False,
    dropout_rate: float = 0.5,
    activation: Activation = Softmax,
    output_with_global_average: bool = True,
    conv: Conv = nn.Conv3d,
    pool: Pool = nn.AvgPool3d,
) -> ResNetBasicHead:
    """Create the head of X3D: projected pool, dropout, projection, activation, average over time and space.

    Args:
        dim_in: channels of the features.
        dim_inner: channels that are pooled.
        dim_out: channels that are classified.
        num_classes: number of classes.
        pool_act: makes the activations before and after the pool; ``None`` for none.
        pool_kernel_size: (T, H, W) of the pool; ``None`` to average over all of time and space, whatever ``pool`` is.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        bn_lin5_on: put a norm also after the pool.
        dropout_rate: probability of dropping a feature in training; 0 for no dropout.
        activation: makes the activation, over classes where it is a softmax; ``None`` for none.
        output_with_global_average: average the scores over time and space.
        conv: makes the convolutions before and after the pool.
        pool: makes the pool, which moves by 1.

    Returns:
        A head from (B, dim_in, T, H, W) to (B, num_classes), or (B, num_classes, T', H', W') without average.

    Raises:
        ArgumentError: if ``pool`` is ``None``.
    """
    projected_pool = ProjectedPool(
        pre_conv=_pointwise(conv, dim_in, dim_inner),
        pre_norm=make_norm(norm, dim_inner, norm_eps, norm_momentum),
        pre_act=make_activation(pool_act),
        pool=(
            nn.AdaptiveAvgPool3d(1)
            if pool_kernel_size is None
            else make_pool(pool, pool_kernel_size, (1, 1, 1), (0, 0, 0))
        ),
        post_conv=_pointwise(conv, dim_inner, dim_out),
        post_norm=make_norm(norm, dim_out, norm_eps, norm_momentum) if bn_lin5_on else None,
        post_act=make_activation(pool_act),
    )
    return ResNetBasicHead(
        pool=init_resnet_weights(projected_pool),
        dropout=make_dropout(dropout_rate),
        proj=init_resnet_weights(nn.Linear(dim_out, num_classes)),
        activation=make_activation(activation),
        output_pool=nn.AdaptiveAvgPool3d(1) if output_with_global_average else None,
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


class ProjectedPool(nn.Module):
    """A pool between two convolutions, each with a norm and an activation where given.

    ::

        pre_conv, pre_norm, pre_act -> pool -> post_conv, post_norm, post_act

    Args:
        pre_conv: the convolution before the pool.
        pre_norm: the norm after it, or ``None``.
        pre_act: the activation after that, or ``None``.
        pool: the pool.
        post_conv: the convolution after the pool.
        post_norm: the norm after it, or ``None``.
        post_act: the activation after that, or ``None``.

    Raises:
        ArgumentError: if the pool or a convolution is missing.
    """

    def __init__(
        self,
        *,
        pre_conv: nn.Module | None = None,
        pre_norm: nn.Module | None = None,
        pre_act: nn.Module | None = None,
        pool: nn.Module | None = None,
        post_conv: nn.Module | None = None,
        post_norm: nn.Module | None = None,
        post_act: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if pre_conv is None or pool is None or post_conv is None:
            msg = (
                f"pre_conv, pool and post_conv are all needed, got {pre_conv}, {pool}, {post_conv}: pass three modules"
            )
            raise ArgumentError(msg)
        self.pre_conv = pre_conv
        self.pre_norm = pre_norm
        self.pre_act = pre_act
        self.pool = pool
        self.post_conv = post_conv
        self.post_norm = post_norm
        self.post_act = post_act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W').

        Raises:
            ArgumentError: if the features are smaller than the window of the pool.
        """
        if not torch.jit.is_scripting():
            _check_fits(self.pool, x)
        x = self.pre_conv(x)
        if self.pre_norm is not None:
            x = self.pre_norm(x)
        if self.pre_act is not None:
            x = self.pre_act(x)
        x = self.post_conv(self.pool(x))
        if self.post_norm is not None:
            x = self.post_norm(x)
        if self.post_act is not None:
            x = self.post_act(x)
        return x


def _check_fits(pool: nn.Module, x: torch.Tensor) -> None:
    window = getattr(pool, "kernel_size", None)
    sizes = tuple(x.shape[2:])
    if isinstance(window, tuple) and any(size < extent for size, extent in zip(sizes, window, strict=True)):
        msg = (
            f"the head pools windows of (T, H, W) = {window}, but its features are {sizes}: give longer or larger "
            "clips, or build the model for such clips (input_clip_length and input_crop_size of an X3D, "
            "pool_kernel_size of its head)"
        )
        raise ArgumentError(msg)
