"""A fusion of two pathways."""

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
from torch import nn

from ptv_registry import Slot

Norm = Annotated[Callable[..., nn.Module] | None, Slot("norm")]
Activation = Annotated[Callable[..., nn.Module] | None, Slot("activation")]
Conv = Annotated[Callable[..., nn.Module], Slot("conv")]


def create_mine_fusion(
    *,
    fusion_dim_in: int,
    stage_idx: int,
    slowfast_channel_reduction_ratio: int = 8,
    conv_fusion_channel_ratio: float = 2,
    conv_kernel_size: Sequence[int] = (7, 1, 1),
    conv_stride: Sequence[int] = (4, 1, 1),
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    max_stage_idx: int = 3,
    conv: Conv = nn.Conv3d,
) -> nn.Module:
    """The mean of the fast pathway over the frames of each slow one, with more channels, beside the slow pathway.

    Args:
        fusion_dim_in: channels of the slow pathway.
        stage_idx: number of the stage; the stem is 0.
        slowfast_channel_reduction_ratio: channels of the slow pathway for each of the fast one.
        conv_fusion_channel_ratio: channels that join the slow pathway for each of the fast one.
        conv_kernel_size: taken because SlowFast gives it; the mean has the size of the stride.
        conv_stride: (time, height, width); over time, frames of the fast pathway for each of the slow one.
        norm: makes the norm; ``None`` for none.
        activation: makes the activation; ``None`` for none.
        max_stage_idx: the last stage that is fused.
        conv: makes the convolution of size 1 that widens the mean.

    Returns:
        A module from [slow, fast], each (B, C, T, H, W), to such a list.
    """
    if stage_idx > max_stage_idx:
        return nn.Identity()
    channels = fusion_dim_in // slowfast_channel_reduction_ratio
    widened = int(channels * conv_fusion_channel_ratio)
    time, height, width = conv_stride
    layers: list[nn.Module] = [
        nn.AvgPool3d((time, height, width)),
        conv(in_channels=channels, out_channels=widened, kernel_size=(1, 1, 1), stride=(1, 1, 1), padding=(0, 0, 0)),
    ]
    if norm is not None:
        layers.append(norm(num_features=widened))
    if activation is not None:
        layers.append(activation())
    return MineFusion(nn.Sequential(*layers))


class MineFusion(nn.Module):
    """Puts what a module makes of the fast pathway beside the slow one; made by :func:`create_mine_fusion`.

    Args:
        from_fast: from the fast pathway to channels of the size of the slow one.
    """

    def __init__(self, from_fast: nn.Module) -> None:
        super().__init__()
        self.from_fast = from_fast

    def forward(self, pathways: list[torch.Tensor]) -> list[torch.Tensor]:
        """[slow, fast], each (B, C, T, H, W), to such a list."""
        slow, fast = pathways
        return [torch.cat([slow, self.from_fast(fast)], 1), fast]
