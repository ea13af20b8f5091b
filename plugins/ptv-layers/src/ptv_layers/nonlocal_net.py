"""Non-local blocks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.sizes import triple
from ptv_layers.slots import Conv, Norm, Pool
from ptv_registry.errors import ArgumentError


class NonLocal(nn.Module):
    """A residual block that adds to each position a weighted sum over all positions.

    Wang et al.: "Non-local Neural Networks", https://arxiv.org/abs/1711.07971

    Args:
        conv_theta: embeds the positions that ask, (B, C, T, H, W) to (B, D, T, H, W).
        conv_phi: embeds the positions that are asked, to D channels as well.
        conv_g: makes the values that are summed, of D channels as well.
        conv_out: brings the sum back to C channels.
        pool: makes fewer the positions that are asked, or ``None``.
        norm: normalizes the sum before it is added, or ``None``.
        instantiation: ``softmax`` of the scaled products, or ``dot_product``, the products over their number.

    Raises:
        ArgumentError: the instantiation is unknown, or the channels of the convolutions do not fit together.
    """

    def __init__(
        self,
        *,
        conv_theta: nn.Module,
        conv_phi: nn.Module,
        conv_g: nn.Module,
        conv_out: nn.Module,
        pool: nn.Module | None = None,
        norm: nn.Module | None = None,
        instantiation: str = "dot_product",
    ) -> None:
        super().__init__()
        if instantiation not in ("dot_product", "softmax"):
            msg = f"instantiation={instantiation!r} is neither 'dot_product' nor 'softmax'"
            raise ArgumentError(msg, argument="instantiation", value=instantiation)
        inner = {
            "conv_theta": getattr(conv_theta, "out_channels", None),
            "conv_phi": getattr(conv_phi, "out_channels", None),
            "conv_g": getattr(conv_g, "out_channels", None),
            "conv_out": getattr(conv_out, "in_channels", None),
        }
        if len({channels for channels in inner.values() if channels is not None}) > 1:
            msg = f"the inner channels must be the same in all four convolutions, not {inner}"
            raise ArgumentError(msg, argument="conv_theta", value=inner)
        self.conv_theta = conv_theta
        self.conv_phi = conv_phi
        self.conv_g = conv_g
        self.conv_out = conv_out
        self.pool = pool
        self.norm = norm
        self.instantiation = instantiation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a tensor of the shape (B, C, T, H, W) of ``x``."""
        theta = self.conv_theta(x)
        asked = x if self.pool is None else self.pool(x)
        phi = self.conv_phi(asked).flatten(2)
        g = self.conv_g(asked).flatten(2)

        affinity = torch.einsum("bct,bcp->btp", theta.flatten(2), phi)
        if self.instantiation == "softmax":
            affinity = torch.softmax(affinity * theta.shape[1] ** -0.5, dim=2)
        else:
            affinity = affinity / affinity.shape[2]
        summed = torch.einsum("btp,bcp->bct", affinity, g).reshape(theta.shape)

        summed = self.conv_out(summed)
        if self.norm is not None:
            summed = self.norm(summed)
        return x + summed


def create_nonlocal(
    *,
    dim_in: int,
    dim_inner: int,
    pool_size: int | Sequence[int] | None = (1, 1, 1),
    instantiation: str = "softmax",
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    conv: Conv = nn.Conv3d,
    pool: Pool = nn.MaxPool3d,
) -> NonLocal:
    """Build a :class:`NonLocal` block.

    Args:
        dim_in: the number of channels of the input and the output.
        dim_inner: the number of channels inside the block.
        pool_size: kernel size and stride (T, H, W) of the pooling of the positions that are asked; 1 for none.
        instantiation: ``softmax`` or ``dot_product``.
        norm: builds the norm, or ``None``.
        norm_eps: what the norm adds to the variance.
        norm_momentum: the norm's momentum.
        conv: builds the four 1x1x1 convolutions.
        pool: builds the pooling, or ``None``; it is called only when ``pool_size`` exceeds 1 somewhere.

    Raises:
        ArgumentError: the instantiation is unknown, or ``pool_size`` is not (T, H, W).
    """
    window = triple(1 if pool_size is None else pool_size, "pool_size")

    def pointwise(in_channels: int, out_channels: int) -> nn.Module:
        return conv(in_channels=in_channels, out_channels=out_channels, kernel_size=1, stride=1, padding=0)

    return NonLocal(
        conv_theta=pointwise(dim_in, dim_inner),
        conv_phi=pointwise(dim_in, dim_inner),
        conv_g=pointwise(dim_in, dim_inner),
        conv_out=pointwise(dim_inner, dim_in),
        pool=None if pool is None or max(window) <= 1 else pool(kernel_size=window, stride=window, padding=(0, 0, 0)),
        norm=None if norm is None else norm(num_features=dim_in, eps=norm_eps, momentum=norm_momentum),
        instantiation=instantiation,
    )
