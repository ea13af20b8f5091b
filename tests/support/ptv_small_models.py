"""Small models of the families that differ in what they take and do, for backends."""

from __future__ import annotations

from typing import Any

import torch

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
