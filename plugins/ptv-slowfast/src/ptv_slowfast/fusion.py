"""Fusion from the fast pathway to the slow one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights


def create_fast_to_slow_fusion(
    *,
    fusion_dim_in: int,
    stage_idx: int,
    slowfast_channel_reduction_ratio: int = 8,
    conv_fusion_channel_ratio: float = 2,
    conv_kernel_size: Sequence[int] = (7, 1, 1),
    conv_stride: Sequence[int] = (4, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    max_stage_idx: int = 3,
    conv: Conv = nn.Conv3d,
) -> FuseFastToSlow | nn.Identity:
    """Create the fusion after a stage: a convolution of the fast pathway, concatenated to the slow one.

    Args:
        fusion_dim_in: channels of the slow pathway after the stage.
        stage_idx: number of the stage; the stem is 0.
        slowfast_channel_reduction_ratio: channels of the slow pathway per channel of the fast one.
        conv_fusion_channel_ratio: channels that the convolution puts out, per channel of the fast pathway.
        conv_kernel_size: (T, H, W) of the convolution.
        conv_stride: (T, H, W) of the convolution; over time, frames of the fast pathway per frame of the slow one.
        norm: makes the norm; ``None`` for none.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for none.
        max_stage_idx: last stage that is fused; later ones get an identity.
        conv: makes the convolution.

    Returns:
        A module from a list of both pathways to such a list.
    """
    if stage_idx > max_stage_idx:
        return nn.Identity()
    fast_channels = fusion_dim_in // slowfast_channel_reduction_ratio
    fused_channels = int(fast_channels * conv_fusion_channel_ratio)
    fusion = FuseFastToSlow(
        conv_fast_to_slow=conv(
            in_channels=fast_channels,
            out_channels=fused_channels,
            kernel_size=tuple(conv_kernel_size),
            stride=tuple(conv_stride),
            padding=tuple(size // 2 for size in conv_kernel_size),
            bias=False,
        ),
        norm=make_norm(norm, fused_channels, norm_eps, norm_momentum),
        activation=make_activation(activation),
    )
    return init_resnet_weights(fusion)


class FastToSlowFusionBuilder:
    """Holds the arguments of :func:`create_fast_to_slow_fusion` that are the same for all stages.

    Args:
        slowfast_channel_reduction_ratio: channels of the slow pathway per channel of the fast one.
        conv_fusion_channel_ratio: channels that the convolution puts out, per channel of the fast pathway.
        conv_kernel_size: (T, H, W) of the convolution.
        conv_stride: (T, H, W) of the convolution.
        norm: makes the norm; ``None`` for none.
        norm_eps: epsilon of the norm.
        norm_momentum: momentum of the norm.
        activation: makes the activation; ``None`` for none.
        max_stage_idx: last stage that is fused; later ones get an identity.
        conv: makes the convolution.
    """

    def __init__(
        self,
        slowfast_channel_reduction_ratio: int,
        conv_fusion_channel_ratio: float,
        conv_kernel_size: Sequence[int],
        conv_stride: Sequence[int],
        norm: Norm = nn.BatchNorm3d,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        activation: Activation = nn.ReLU,
        max_stage_idx: int = 3,
        conv: Conv = nn.Conv3d,
    ) -> None:
        self.slowfast_channel_reduction_ratio = slowfast_channel_reduction_ratio
        self.conv_fusion_channel_ratio = conv_fusion_channel_ratio
        self.conv_kernel_size = conv_kernel_size
        self.conv_stride = conv_stride
        self.norm = norm
        self.norm_eps = norm_eps
        self.norm_momentum = norm_momentum
        self.activation = activation
        self.max_stage_idx = max_stage_idx
        self.conv = conv

    def create_module(self, fusion_dim_in: int, stage_idx: int) -> nn.Module:
        """Create the fusion after a stage.

        Args:
            fusion_dim_in: channels of the slow pathway after the stage.
            stage_idx: number of the stage; the stem is 0.
        """
        return create_fast_to_slow_fusion(
            fusion_dim_in=fusion_dim_in,
            stage_idx=stage_idx,
            slowfast_channel_reduction_ratio=self.slowfast_channel_reduction_ratio,
            conv_fusion_channel_ratio=self.conv_fusion_channel_ratio,
            conv_kernel_size=self.conv_kernel_size,
            conv_stride=self.conv_stride,
            norm=self.norm,
            norm_eps=self.norm_eps,
            norm_momentum=self.norm_momentum,
            activation=self.activation,
            max_stage_idx=self.max_stage_idx,
            conv=self.conv,
        )


class FuseFastToSlow(nn.Module):
    """A convolution of the fast pathway, concatenated to the slow one; made by :func:`create_fast_to_slow_fusion`.

    Args:
        conv_fast_to_slow: convolution of the fast pathway, which leaves as many time steps as the slow one has.
        norm: norm after the convolution.
        activation: activation after the norm.
    """

    def __init__(
        self, conv_fast_to_slow: nn.Module, norm: nn.Module | None = None, activation: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.conv_fast_to_slow = conv_fast_to_slow
        self.norm = norm
        self.activation = activation

    def forward(self, x: list[torch.Tensor]) -> list[torch.Tensor]:
        """Map [slow, fast], each (B, C, T, H, W), to [slow with more channels, fast].

        Raises:
            ArgumentError: if the convolution does not bring the fast pathway to the size of the slow one.
        """
        slow, fast = x[0], x[1]
        fused = self.conv_fast_to_slow(fast)
        if self.norm is not None:
            fused = self.norm(fused)
        if self.activation is not None:
            fused = self.activation(fused)
        if not torch.jit.is_scripting():
            _check_sizes(slow, fast, fused)
        return [torch.cat([slow, fused], dim=1), fast]


def _check_sizes(slow: torch.Tensor, fast: torch.Tensor, fused: torch.Tensor) -> None:
    if fused.shape[2:] != slow.shape[2:]:
        msg = (
            f"the fast pathway, (T, H, W) = {tuple(fast.shape[2:])}, becomes {tuple(fused.shape[2:])} where it is "
            f"fused with the slow pathway, {tuple(slow.shape[2:])}: give the fast pathway as many times the frames "
            "of the slow one as slowfast_fusion_conv_stride[0] says"
        )
        raise ArgumentError(msg)
