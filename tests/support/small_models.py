"""Small models of the families that differ in what they take and do, for backends."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

MODELS: dict[str, tuple[str, list[tuple[int, ...]]]] = {
    "slowfast": (
        "slowfast(model_depth=18, model_num_class=10, slowfast_channel_reduction_ratio=4, stem_dim_outs=[8, 2], "
        "head_pool_kernel_sizes=[[2, 2, 2], [8, 2, 2]])",
        [(3, 2, 64, 64), (3, 8, 64, 64)],
    ),
    "x3d": ("x3d(input_clip_length=4, input_crop_size=64, depth_factor=0.3)", [(3, 4, 64, 64)]),
    "mvit": (
        "mvit(spatial_size=32, temporal_size=4, depth=2, head_num_classes=10, embed_dim_mul=[[1, 2.0]], "
        "atten_head_mul=[[1, 2.0]], pool_q_stride_size=[[1, 1, 2, 2]], pool_kv_stride_adaptive=[1, 4, 4], "
        "pool_kvq_kernel=[3, 3, 3])",
        [(3, 4, 32, 32)],
    ),
}
"""By name: the spec, and the shape of each pathway of a clip."""


def clips_of(shapes: list[tuple[int, ...]], batch: int) -> Any:
    """A batch of noise, as the model takes it."""
    clips = [torch.randn(batch, *shape) for shape in shapes]
    return clips if len(clips) > 1 else clips[0]


class Saturates(nn.Module):
    """Both layers multiply the largest activations with the largest weights that there are, for clips of ones."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.head = nn.Conv3d(3, 64, 1), nn.Linear(64, 5)
        for layer in (self.convolution, self.head):
            nn.init.constant_(layer.weight, 0.1)
            nn.init.zeros_(layer.bias)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.convolution(clips).relu().mean((2, 3, 4)))
        return scores
