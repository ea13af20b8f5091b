import copy
import pickle

import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import create_acoustic_bottleneck_block, create_bottleneck_block, create_res_basic_stem
from ptv_slowfast import FastToSlowFusionBuilder, create_slowfast, create_slowfast_with_roi_head

SMALL = {"model_depth": 18, "stem_dim_outs": (8, 1), "model_num_class": 5}
CLIPS = [torch.randn(1, 3, 2, 64, 64), torch.randn(1, 3, 8, 64, 64)]
BOXES = torch.tensor([[0.0, 4, 4, 40, 60], [0, 0, 0, 64, 64]])
MODELS = {
    "slowfast": (create_slowfast, {"head_pool_kernel_sizes": ((2, 2, 2), (8, 2, 2))}, (CLIPS,)),
    "slowfast_with_roi_head": (
        create_slowfast_with_roi_head,
        {"head_pool_kernel_sizes": ((2, 1, 1), (8, 1, 1))},
        (CLIPS, BOXES),
    ),
}
each_model = pytest.mark.parametrize(("build", "arguments", "inputs"), MODELS.values(), ids=MODELS)


def shape(inputs):
    return (len(inputs[1]) if len(inputs) > 1 else 1, 5)


@each_model
def test_a_model_scores_each_clip_or_box_and_its_gradients_are_finite(build, arguments, inputs):
    model = build(**SMALL, **arguments)
    scores = model(*inputs)
    scores.square().sum().backward()

    assert shape(inputs) == tuple(scores.shape)
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@each_model
def test_a_second_run_on_the_same_list_gives_the_same(build, arguments, inputs):
    model = build(**SMALL, **arguments).eval()
    kept = list(inputs[0])

    assert torch.equal(model(*inputs), model(*inputs))
    assert all(a is b for a, b in zip(kept, inputs[0], strict=True))


@each_model
def test_a_model_copies_and_pickles(build, arguments, inputs):
    model = build(**SMALL, **arguments).eval()
    expected = model(*inputs)

    assert torch.equal(expected, copy.deepcopy(model)(*inputs))
    assert torch.equal(expected, pickle.loads(pickle.dumps(model))(*inputs))


@each_model
def test_a_model_runs_on_the_meta_device(build, arguments, inputs):
    with torch.device("meta"):
        model = build(**SMALL, **arguments)
    on_meta = [[clip.to("meta") for clip in inputs[0]], *(boxes.to("meta") for boxes in inputs[1:])]

    assert shape(inputs) == tuple(model(*on_meta).shape)


@pytest.mark.slow
@each_model
def test_a_model_exports(build, arguments, inputs):
    model = build(**SMALL, **arguments).eval()
    exported = torch.export.export(model, inputs).module()

    torch.testing.assert_close(model(*inputs), exported(*inputs))


@each_model
def test_a_model_works_without_norm_and_activation(build, arguments, inputs):
    model = build(**SMALL, **arguments, norm=None, activation=None, head_activation=None)

    assert shape(inputs) == tuple(model(*inputs).shape)


@each_model
def test_the_builders_honour_bottleneck_stem_and_fusion(build, arguments, inputs):
    fused = []

    def fusion(fusion_dim_in, stage_idx):
        fused.append((fusion_dim_in, stage_idx))
        return FastToSlowFusionBuilder(8, 2, (3, 1, 1), (4, 1, 1)).create_module(fusion_dim_in, stage_idx)

    with torch.device("meta"):
        model = build(
            **SMALL,
            bottleneck=create_acoustic_bottleneck_block,
            stem_function=lambda **kw: create_res_basic_stem(**{**kw, "conv_bias": True}),
            fusion_builder=fusion,
        )
    names = " ".join(model.state_dict())

    assert "multipathway_blocks.1.res_blocks.0.branch2.conv_b.1.weight" in names
    assert "blocks.0.multipathway_blocks.1.conv.bias" in names
    assert [(8, 0), (32, 1), (64, 2), (128, 3), (256, 4)] == fused


@pytest.mark.parametrize("head_pool", [nn.MaxPool3d, nn.AvgPool3d, nn.AdaptiveAvgPool3d])
def test_every_kind_of_head_pool_works(head_pool):
    model = create_slowfast(**SMALL, head_pool=head_pool, head_pool_kernel_sizes=((2, 2, 2), (8, 2, 2)))

    assert (1, 5) == tuple(model(CLIPS).shape)


def test_without_head_pool_pathways_of_one_size_are_concatenated():
    strides = ((1, 1, 1, 1), (1, 1, 1, 4))
    model = create_slowfast(**SMALL, head_pool=None, stage_temporal_strides=strides)

    assert (1, 5) == tuple(model(CLIPS).shape)


def test_without_head_features_of_both_pathways_come_out():
    model = create_slowfast(**SMALL, head=None, head_pool=nn.AdaptiveAvgPool3d)

    assert (1, 256 + 32, 1, 1, 1) == tuple(model(CLIPS).shape)


def test_without_fusion_the_pathways_stay_apart():
    model = create_slowfast(**SMALL, fusion=None, head_pool=nn.AdaptiveAvgPool3d)

    assert not any("fusion" in name for name in model.state_dict())
    assert (1, 5) == tuple(model(CLIPS).shape)


def test_three_pathways_can_be_had():
    grid = {
        name: (value[0], value[1], value[1])
        for name, value in {
            "stage_conv_a_kernel_sizes": (((1, 1, 1),) * 4,) * 2,
            "stage_conv_b_kernel_sizes": (((1, 3, 3),) * 4,) * 2,
            "stage_conv_b_num_groups": ((1,) * 4,) * 2,
            "stage_conv_b_dilations": (((1, 1, 1),) * 4,) * 2,
            "stage_spatial_strides": ((1, 2, 2, 2),) * 2,
            "stage_temporal_strides": ((1,) * 4,) * 2,
            "stem_conv_kernel_sizes": ((1, 7, 7),) * 2,
            "stem_conv_strides": ((1, 2, 2),) * 2,
            "stem_pool_kernel_sizes": ((1, 3, 3),) * 2,
            "stem_pool_strides": ((1, 2, 2),) * 2,
            "head_pool_kernel_sizes": ((2, 2, 2),) * 2,
        }.items()
    }
    model = create_slowfast(
        model_depth=18,
        model_num_class=5,
        input_channels=(3, 3, 1),
        slowfast_channel_reduction_ratio=(8, 16),
        stem_dim_outs=(32, 4, 2),
        stem_function=create_res_basic_stem,
        stem_pool=nn.MaxPool3d,
        bottleneck=create_bottleneck_block,
        fusion=None,
        **grid,
    )

    assert (1, 5) == tuple(model([torch.randn(1, c, 2, 64, 64) for c in (3, 3, 1)]).shape)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"model_depth": 34}, "model_depth is 34"),
        ({"stem_dim_outs": (8, 4)}, "a fast pathway of ratio 8 has 1 channels, not 4"),
        ({"slowfast_channel_reduction_ratio": (8, 8)}, "slowfast_channel_reduction_ratio has 2 entries"),
        ({"stem_pool": (nn.MaxPool3d,)}, "stem_pool has 1 entries"),
        ({"stage_spatial_strides": ((1, 2, 2, 2), (1, 2))}, r"stage_spatial_strides\[1\] has 2 entries"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_arguments_that_do_not_fit_pathways_or_stages_are_refused(wrong, message):
    with pytest.raises(ArgumentError, match=message):
        create_slowfast(**{**SMALL, **wrong})


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        (CLIPS[:1], "2 pathways, but its input is 1 entries"),
        (CLIPS[0], "its input is Tensor"),
        ([CLIPS[0], CLIPS[0]], "where it is fused with the slow pathway"),
        (CLIPS, r"\(8, 7, 7\), but its input is \(2, 2, 2\)"),
    ],
    ids=["one", "tensor", "frames", "small"],
)
def test_clips_that_do_not_fit_are_refused(clips, message):
    with pytest.raises(ArgumentError, match=message):
        create_slowfast(**SMALL)(clips)
