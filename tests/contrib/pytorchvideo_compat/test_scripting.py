"""TorchScript takes the models that deployment code scripts and traces."""

import io

import pytest
import torch
from torch import nn

from pytorchvideo.models import (
    create_csn,
    create_multiscale_vision_transformers,
    create_r2plus1d,
    create_resnet,
    create_resnet_with_roi_head,
    create_slowfast,
    create_slowfast_with_roi_head,
    create_x3d,
)
from pytorchvideo.models.accelerator.mobile_cpu.efficient_x3d import EfficientX3d

ANY_SIZE = {"model_num_class": 3, "head_pool": nn.AdaptiveAvgPool3d}
NARROW_SLOWFAST = {"stem_dim_outs": (8, 4), "slowfast_channel_reduction_ratio": (2,), "model_num_class": 3}
BOXES = torch.tensor([[0.0, 2, 2, 20, 20]])


def clip(frames):
    return torch.rand(1, 3, frames, 32, 32, generator=torch.Generator().manual_seed(0))


def mvit():
    return create_multiscale_vision_transformers(
        spatial_size=32,
        temporal_size=4,
        depth=2,
        patch_embed_dim=8,
        pool_q_stride_size=[[1, 1, 2, 2]],
        pool_kv_stride_adaptive=[1, 2, 2],
        pool_kvq_kernel=[3, 3, 3],
        head_num_classes=3,
        create_scriptable_model=True,
    )


MODELS = {
    "resnet": (lambda: create_resnet(stem_dim_out=8, **ANY_SIZE), lambda: (clip(4),)),
    "x3d": (lambda: create_x3d(input_clip_length=4, input_crop_size=32, model_num_class=3), lambda: (clip(4),)),
    "csn": (lambda: create_csn(model_depth=50, stem_dim_out=8, **ANY_SIZE), lambda: (clip(4),)),
    "r2plus1d": (lambda: create_r2plus1d(stem_dim_out=8, **ANY_SIZE), lambda: (clip(8),)),
    "slowfast": (
        lambda: create_slowfast(head_pool=nn.AdaptiveAvgPool3d, **NARROW_SLOWFAST),
        lambda: ([clip(2), clip(8)],),
    ),
    "efficient_x3d": (lambda: EfficientX3d(num_classes=3, expansion="XS"), lambda: (clip(4),)),
    "mvit": (mvit, lambda: (clip(4),)),
    "slow_detection": (lambda: create_resnet_with_roi_head(stem_dim_out=8, **ANY_SIZE), lambda: (clip(4), BOXES)),
    "slowfast_detection": (
        lambda: create_slowfast_with_roi_head(head_pool=nn.AdaptiveAvgPool3d, **NARROW_SLOWFAST),
        lambda: ([clip(2), clip(8)], BOXES),
    ),
}


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore:`torch.jit:DeprecationWarning", "ignore:`torch.jit:FutureWarning", "ignore::torch.jit.TracerWarning"
)
@pytest.mark.parametrize("how", ["script", "trace"])
@pytest.mark.parametrize("name", MODELS)
def test_torchscript_takes_a_model_and_gives_its_outputs(name, how):
    build, inputs = MODELS[name]
    model, given = build().eval(), inputs()

    with torch.no_grad():
        compiled = torch.jit.script(model) if how == "script" else torch.jit.trace(model, given)
        expected = model(*given)
        stored = io.BytesIO()
        torch.jit.save(compiled, stored)
        stored.seek(0)
        loaded = torch.jit.load(stored)

        assert torch.equal(compiled(*given), expected)
        assert torch.allclose(loaded(*given), expected, atol=1e-6)
