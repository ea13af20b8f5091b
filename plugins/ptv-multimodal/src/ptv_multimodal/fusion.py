"""Fusion of audio and the fast pathway into the slow one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights

Strides = Sequence[int] | Sequence[Sequence[int]]
AUDIO_STRIDES = ((16, 1, 1), (16, 1, 1), (8, 1, 1), (4, 1, 1), (2, 1, 1))


def create_audio_to_slow_fast_fusion(
    *,
    fusion_dim_in: int,
    stage_idx: int,
    slowfast_channel_reduction_ratio: int = 8,
    slowfast_audio_reduction_ratio: int = 2,
    conv_fusion_channel_ratio: float = 2,
    conv_kernel_size: Sequence[int] = (7, 1, 1),
    conv_kernel_size_a: Sequence[int] = (5, 1, 1),
    conv_stride: Strides = (4, 1, 1),
    conv_stride_a: Strides = AUDIO_STRIDES,
    conv_fusion_channel_interm_dim: int | float = 0.25,
    conv_num_a: int = 2,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
    max_stage_idx: int = 3,
    conv: Conv = nn.Conv3d,
) -> FuseAudioToFastSlow | nn.Identity:
    """Create the fusion after a stage: the fast pathway is concatenated to the slow one, then audio is added.

    Args:
        fusion_dim_in: channels of the slow pathway after the stage.
        stage_idx: number of the stage; the stem is 0.
        slowfast_channel_reduction_ratio: channels of the slow pathway per channel of the fast one.
        slowfast_audio_reduction_ratio: channels of the slow pathway per channel of the audio one.
        conv_fusion_channel_ratio: channels that are concatenated, per channel of the fast pathway.
        conv_kernel_size: (T, H, W) of the convolution of the fast pathway.
        conv_kernel_size_a: (T, H, W) of the convolutions of the audio pathway.
        conv_stride: (T, H, W) of the convolution of the fast pathway, or a list of these by stage.
        conv_stride_a: (T, H, W) of the last convolution of the audio pathway, or a list of these by stage; over time,
            steps of the audio pathway per frame of the slow one.
        conv_fusion_channel_interm_dim: channels between the convolutions of the audio pathway; a ``float`` is a share
            of that pathway's channels.
        conv_num_a: number of convolutions of the audio pathway.
        norm: makes the norms; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes the activations; ``None`` for none.
        max_stage_idx: last stage that is fused; later ones get an identity.
        conv: makes the convolutions.

    Returns:
        A module from a list of the slow, fast and audio pathway to such a list.

    Raises:
        ArgumentError: a list of strides has no entry for the stage, or the audio pathway has no convolution.
    """
    if stage_idx > max_stage_idx:
        return nn.Identity()
    if conv_num_a < 1:
        msg = f"conv_num_a={conv_num_a} must be at least 1: a convolution brings audio to the width of the slow pathway"
        raise ArgumentError(msg, argument="conv_num_a", value=conv_num_a)

    def unit(in_channels: int, out_channels: int, kernel_size: Sequence[int], stride: Sequence[int]) -> list[Any]:
        convolution = conv(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=tuple(kernel_size),
            stride=tuple(stride),
            padding=tuple(size // 2 for size in kernel_size),
            bias=False,
        )
        return [convolution, make_norm(norm, out_channels, norm_eps, norm_momentum), make_activation(activation)]

    fast_channels = fusion_dim_in // slowfast_channel_reduction_ratio
    audio_channels = fusion_dim_in // slowfast_audio_reduction_ratio
    fused_channels = int(fast_channels * conv_fusion_channel_ratio)
    between = conv_fusion_channel_interm_dim
    if not isinstance(between, int):
        between = int(audio_channels * between)
    fast = unit(fast_channels, fused_channels, conv_kernel_size, _of_stage("conv_stride", conv_stride, stage_idx))
    widths = [audio_channels, *[between] * (conv_num_a - 1), fused_channels + fusion_dim_in]
    strides = [(1, 1, 1)] * (conv_num_a - 1) + [_of_stage("conv_stride_a", conv_stride_a, stage_idx)]
    audio = [
        part
        for in_channels, out_channels, stride in zip(widths[:-1], widths[1:], strides, strict=True)
        for part in unit(in_channels, out_channels, conv_kernel_size_a, stride)
    ]
    return init_resnet_weights(
        FuseAudioToFastSlow(
            block_fast_to_slow=nn.Sequential(*(part for part in fast if part is not None)),
            block_audio_to_fastslow=nn.Sequential(*(part for part in audio if part is not None)),
        )
    )


def _of_stage(name: str, strides: Any, stage_idx: int) -> Sequence[int]:
    if isinstance(strides[0], int):
        return strides
    if stage_idx >= len(strides):
        msg = f"{name} has {len(strides)} entries, {strides!r}, but none for stage {stage_idx}, counted from 0"
        raise ArgumentError(msg, argument=name, value=strides)
    return strides[stage_idx]


class AudioToSlowFastFusionBuilder:
    """Holds the arguments of :func:`create_audio_to_slow_fast_fusion` that are the same for all stages.

    Args:
        slowfast_channel_reduction_ratio: channels of the slow pathway per channel of the fast one.
        slowfast_audio_reduction_ratio: channels of the slow pathway per channel of the audio one.
        conv_fusion_channel_ratio: channels that are concatenated, per channel of the fast pathway.
        conv_kernel_size: (T, H, W) of the convolution of the fast pathway.
        conv_kernel_size_a: (T, H, W) of the convolutions of the audio pathway.
        conv_stride: (T, H, W) of the convolution of the fast pathway, or a list of these by stage.
        conv_stride_a: (T, H, W) of the last convolution of the audio pathway, or a list of these by stage.
        conv_fusion_channel_interm_dim: channels between the convolutions of the audio pathway, or their share.
        conv_num_a: number of convolutions of the audio pathway.
        norm: makes the norms; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes the activations; ``None`` for none.
        max_stage_idx: last stage that is fused; later ones get an identity.
        conv: makes the convolutions.
    """

    def __init__(
        self,
        slowfast_channel_reduction_ratio: int,
        slowfast_audio_reduction_ratio: int,
        conv_fusion_channel_ratio: float,
        conv_kernel_size: Sequence[int],
        conv_kernel_size_a: Sequence[int],
        conv_stride: Strides,
        conv_stride_a: Strides,
        conv_fusion_channel_interm_dim: int | float = 0.25,
        conv_num_a: int = 2,
        norm: Norm = nn.BatchNorm3d,
        norm_eps: float = 1e-5,
        norm_momentum: float = 0.1,
        activation: Activation = nn.ReLU,
        max_stage_idx: int = 3,
        conv: Conv = nn.Conv3d,
    ) -> None:
        self.slowfast_channel_reduction_ratio = slowfast_channel_reduction_ratio
        self.slowfast_audio_reduction_ratio = slowfast_audio_reduction_ratio
        self.conv_fusion_channel_ratio = conv_fusion_channel_ratio
        self.conv_kernel_size = conv_kernel_size
        self.conv_kernel_size_a = conv_kernel_size_a
        self.conv_stride = conv_stride
        self.conv_stride_a = conv_stride_a
        self.conv_fusion_channel_interm_dim = conv_fusion_channel_interm_dim
        self.conv_num_a = conv_num_a
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
        return create_audio_to_slow_fast_fusion(fusion_dim_in=fusion_dim_in, stage_idx=stage_idx, **vars(self))


class FuseAudioToFastSlow(nn.Module):
    """Concatenates the fast pathway to the slow one and adds audio; made by :func:`create_audio_to_slow_fast_fusion`.

    Args:
        block_fast_to_slow: from the fast pathway to what is concatenated to the slow one.
        block_audio_to_fastslow: from audio, averaged over frequency, to what is added to both.
    """

    def __init__(self, block_fast_to_slow: nn.Module, block_audio_to_fastslow: nn.Module) -> None:
        super().__init__()
        self.block_fast_to_slow = block_fast_to_slow
        self.block_audio_to_fastslow = block_audio_to_fastslow

    def forward(self, x: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Map [slow, fast, audio] to [slow with more channels, fast, audio].

        Args:
            x: the slow and the fast pathway, (B, C, T, H, W), and audio, (B, C, T, 1, F).

        Raises:
            ArgumentError: the fast pathway or audio has not as many steps as the strides ask for.
        """
        slow, fast, audio = x
        from_fast = self.block_fast_to_slow(fast)
        _check_fits("fast", fast, from_fast, slow, (2, 3, 4))
        from_audio = self.block_audio_to_fastslow(audio.mean(dim=-1, keepdim=True))
        _check_fits("audio", audio, from_audio, slow, (2,))
        return [torch.cat([slow, from_fast], dim=1) + from_audio, fast, audio]


def _check_fits(
    name: str, pathway: torch.Tensor, output: torch.Tensor, slow: torch.Tensor, dims: tuple[int, ...]
) -> None:
    if any(output.shape[dim] != slow.shape[dim] for dim in dims):
        msg = (
            f"the {name} pathway, {tuple(pathway.shape[2:])}, becomes {tuple(output.shape[2:])} where it is fused with "
            f"the slow pathway, {tuple(slow.shape[2:])}: its stride over time says how many of its steps make one frame "
            "of the slow pathway"
        )
        raise ArgumentError(msg)
