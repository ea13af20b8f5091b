"""The classifier: pool, dropout, linear projection at every position, activation, average."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Pool
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import check_pool_fits, make_pool
from ptv_resnet.weight_init import init_resnet_weights


def create_res_basic_head(
    *,
    in_features: int,
    out_features: int,
    pool: Pool = nn.AvgPool3d,
    output_size: Sequence[int] = (1, 1, 1),
    pool_kernel_size: Sequence[int] = (1, 7, 7),
    pool_stride: Sequence[int] = (1, 1, 1),
    pool_padding: Sequence[int] = (0, 0, 0),
    dropout_rate: float = 0.5,
    activation: Activation = None,
    output_with_global_average: bool = True,
) -> ResNetBasicHead:
    """Create the head of a ResNet: pool, dropout, projection, activation, average over time and space.

    Args:
        in_features: channels of the features.
        out_features: number of classes.
        pool: makes the pool; ``None`` for no pool.
        output_size: (T, H, W) after an adaptive pool.
        pool_kernel_size: (T, H, W) of any other pool.
        pool_stride: (T, H, W) of any other pool.
        pool_padding: (T, H, W) of any other pool.
        dropout_rate: probability of dropping a feature in training; 0 for no dropout.
        activation: makes the activation, over classes where it is a softmax; ``None`` for none.
        output_with_global_average: average the scores over time and space.

    Returns:
        A head from (B, in_features, T, H, W) to (B, out_features), or (B, out_features, T', H', W') without average.
    """
    return ResNetBasicHead(
        pool=make_pool(pool, pool_kernel_size, pool_stride, pool_padding, output_size),
        dropout=make_dropout(dropout_rate),
        proj=init_resnet_weights(nn.Linear(in_features, out_features)),
        activation=make_activation(activation),
        output_pool=nn.AdaptiveAvgPool3d(1) if output_with_global_average else None,
    )


def make_dropout(rate: float) -> nn.Dropout | None:
    """Dropout, or ``None`` for a rate of 0.

    Raises:
        ArgumentError: if the rate is not in [0, 1].
    """
    if not 0 <= rate <= 1:
        msg = f"dropout_rate is {rate}; use a probability from 0 to 1"
        raise ArgumentError(msg)
    return nn.Dropout(rate) if rate > 0 else None


class ResNetBasicHead(nn.Module):
    """Pool, dropout, projection, activation, average; made by :func:`create_res_basic_head`.

    Args:
        pool: pools the features; ``None`` to take them as they are.
        dropout: drops features.
        proj: projects the channels, the last dimension of its input.
        activation: acts on the scores (B, classes, T, H, W).
        output_pool: averages the scores over time and space; the output then is flat.

    Raises:
        ArgumentError: if no projection is given.
    """

    def __init__(
        self,
        pool: nn.Module | None = None,
        dropout: nn.Module | None = None,
        proj: nn.Module | None = None,
        activation: nn.Module | None = None,
        output_pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if proj is None:
            msg = "proj is None, but a head needs a projection: pass a module such as nn.Linear(2048, 400)"
            raise ArgumentError(msg)
        self.pool = pool
        self.dropout = dropout
        self.proj = proj
        self.activation = activation
        self.output_pool = output_pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, classes), or to (B, classes, T', H', W') without ``output_pool``.

        Raises:
            ArgumentError: if the features are smaller than the window of the pool.
        """
        if self.pool is not None:
            if not torch.jit.is_scripting():
                check_pool_fits(self.pool, x)
            x = self.pool(x)
        if self.dropout is not None:
            x = self.dropout(x)
        x = self.proj(x.permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3)
        if self.activation is not None:
            x = self.activation(x)
        if self.output_pool is not None:
            x = self.output_pool(x).flatten(1)
        return x
