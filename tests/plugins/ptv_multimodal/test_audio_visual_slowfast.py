import copy
import pickle

import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_multimodal import (
    AudioToSlowFastFusionBuilder,
    create_audio_to_slow_fast_fusion,
    create_audio_visual_slowfast,
)
from ptv_registry import Registry
from ptv_registry.errors import ArgumentError
from ptv_resnet import create_acoustic_bottleneck_block
from tests.support.fingerprint import assert_every_argument_has_an_effect

SMALL = {"model_depth": 18, "stem_dim_outs": (16, 2, 8), "model_num_class": 5}
POOLED = {**SMALL, "head_pool": nn.AdaptiveAvgPool3d}
CLIPS = [torch.randn(1, 3, 2, 32, 32), torch.randn(1, 3, 8, 32, 32), torch.randn(1, 1, 32, 1, 16)]
SLOW, FAST, AUDIO = torch.randn(1, 16, 2, 4, 4), torch.randn(1, 2, 8, 4, 4), torch.randn(1, 8, 32, 1, 6)


def fusion(**arguments):
    return create_audio_to_slow_fast_fusion(**{"fusion_dim_in": 16, "stage_idx": 0, **arguments})


def test_the_fast_pathway_is_concatenated_and_audio_without_its_frequencies_is_added(capsys):
    module = fusion().eval()
    x = [SLOW, FAST, AUDIO]
    slow, fast, audio = module(x)
    added = module.block_audio_to_fastslow(AUDIO.mean(dim=-1, keepdim=True))

    assert (1, 20, 2, 1, 1) == tuple(added.shape)
    torch.testing.assert_close(torch.cat([SLOW, module.block_fast_to_slow(FAST)], dim=1) + added, slow)
    assert (FAST is fast, AUDIO is audio, SLOW is x[0]) == (True, True, True)
    assert "" == capsys.readouterr().out


def test_the_fusion_has_the_published_names_and_sizes():
    # Read from the published builder with fusion_dim_in=64 and the defaults of the network.
    shapes = {
        name: tuple(p.shape)
        for name, p in fusion(fusion_dim_in=64, stage_idx=2).state_dict().items()
        if p.dim() == 5 or name.endswith("running_mean")
    }

    assert shapes == {
        "block_fast_to_slow.0.weight": (16, 8, 7, 1, 1),
        "block_fast_to_slow.1.running_mean": (16,),
        "block_audio_to_fastslow.0.weight": (8, 32, 5, 1, 1),
        "block_audio_to_fastslow.1.running_mean": (8,),
        "block_audio_to_fastslow.3.weight": (80, 8, 5, 1, 1),
        "block_audio_to_fastslow.4.running_mean": (80,),
    }
    assert (8, 1, 1) == fusion(stage_idx=2).block_audio_to_fastslow[3].stride


def test_the_builder_makes_the_same_module():
    builder = AudioToSlowFastFusionBuilder(8, 2, 2, (7, 1, 1), (3, 1, 1), (4, 1, 1), (16, 1, 1), 6, 3, None)

    assert repr(builder.create_module(16, 1)) == repr(
        fusion(
            stage_idx=1,
            conv_kernel_size_a=(3, 1, 1),
            conv_stride_a=(16, 1, 1),
            conv_fusion_channel_interm_dim=6,
            conv_num_a=3,
            norm=None,
        )
    )


@pytest.mark.parametrize(
    ("arguments", "inputs", "message"),
    [
        ({"conv_num_a": 0}, None, "conv_num_a=0 must be at least 1"),
        ({"conv_stride_a": [[16, 1, 1]], "stage_idx": 1}, None, "conv_stride_a has 1 entries"),
        ({}, [SLOW, FAST[:, :, :3], AUDIO], "the fast pathway, .* its stride over time"),
        ({}, [SLOW, FAST, AUDIO[:, :, :9]], "the audio pathway, .* its stride over time"),
    ],
    ids=["number", "strides", "fast", "audio"],
)
def test_what_does_not_fit_is_refused(arguments, inputs, message):
    with pytest.raises(ArgumentError, match=message):
        fusion(**arguments).eval()(inputs)


def test_the_default_network_has_the_published_sizes():
    with torch.device("meta"):
        model = create_audio_visual_slowfast()
        scores = model([torch.randn(1, 3, 8, 224, 224), torch.randn(1, 3, 32, 224, 224), torch.randn(1, 1, 128, 1, 80)])

    assert (1, 400) == tuple(scores.shape)
    assert (400, 2048 + 256 + 1024) == tuple(model.blocks[6].proj.weight.shape)
    assert not hasattr(model.blocks[4].multipathway_fusion, "block_fast_to_slow")
    assert (2048 // 4, 1024 + 256, 1, 1, 1) == tuple(
        model.blocks[4].multipathway_blocks[0].res_blocks[0].branch2.conv_a.weight.shape[:2] + (1, 1, 1)
    )


def test_a_model_scores_each_clip_and_its_gradients_are_finite(capsys):
    model = create_audio_visual_slowfast(**POOLED)
    scores = model([clip.repeat(2, 1, 1, 1, 1) for clip in CLIPS])
    scores.square().sum().backward()

    assert (2, 5) == tuple(scores.shape)
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
    assert "" == capsys.readouterr().out


def test_a_model_copies_pickles_and_exports():
    model = create_audio_visual_slowfast(**POOLED).eval()
    expected = model(CLIPS)

    assert torch.equal(expected, copy.deepcopy(model)(CLIPS))
    assert torch.equal(expected, pickle.loads(pickle.dumps(model))(CLIPS))
    torch.testing.assert_close(expected, torch.export.export(model, (CLIPS,)).module()(CLIPS))


def test_audio_changes_the_scores():
    model = create_audio_visual_slowfast(**POOLED).eval()

    assert not torch.allclose(model(CLIPS), model([*CLIPS[:2], CLIPS[2] * 3]))


def test_a_model_may_have_no_fusion():
    with torch.device("meta"):
        model = create_audio_visual_slowfast(**SMALL, fusion=None)

    assert all(block.multipathway_fusion is None for block in model.blocks[:5])


@pytest.mark.parametrize("arguments", [{"input_channels": (3, 3)}, {"slowfast_channel_reduction_ratio": (8,)}])
def test_another_number_of_pathways_is_refused(arguments):
    with pytest.raises(ArgumentError, match="but must have"):
        create_audio_visual_slowfast(**arguments)


class OtherConv(nn.Conv3d):
    pass


class OtherHead(nn.Module):
    def __init__(self, **_):
        super().__init__()


def other_fusion(**_):
    return nn.Identity()


def other_stem(*, in_channels, out_channels, **_):
    return OtherConv(in_channels, out_channels, 1)


def other_stage(*, dim_in, dim_out, **_):
    return OtherConv(dim_in, dim_out, 1)


CASES = {
    create_audio_to_slow_fast_fusion: (
        {"fusion_dim_in": 16, "stage_idx": 0},
        {
            "fusion_dim_in": 32,
            "stage_idx": 2,
            "slowfast_channel_reduction_ratio": 4,
            "slowfast_audio_reduction_ratio": 4,
            "conv_fusion_channel_ratio": 1.5,
            "conv_kernel_size": (5, 1, 1),
            "conv_kernel_size_a": (3, 1, 1),
            "conv_stride": ((8, 1, 1),),
            "conv_stride_a": (8, 1, 1),
            "conv_fusion_channel_interm_dim": 3,
            "conv_num_a": 1,
            "norm": nn.InstanceNorm3d,
            "norm_eps": 1e-3,
            "norm_momentum": 0.3,
            "activation": nn.SiLU,
            "max_stage_idx": -1,
            "conv": OtherConv,
        },
    ),
    create_audio_visual_slowfast: (
        SMALL,
        {
            "slowfast_channel_reduction_ratio": (9, 2),
            "slowfast_conv_channel_fusion_ratio": 3,
            "fusion_builder": other_fusion,
            "input_channels": (3, 3, 2),
            "model_depth": 50,
            "model_num_class": 7,
            "dropout_rate": 0.1,
            "norm": nn.InstanceNorm3d,
            "activation": nn.SiLU,
            "stem_dim_outs": (32, 4, 16),
            "stem_conv_kernel_sizes": ((1, 5, 5), (3, 5, 5), (7, 1, 7)),
            "stem_conv_strides": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
            "stem_pool": (None, None, nn.MaxPool3d),
            "stem_pool_kernel_sizes": ((1, 5, 5), (1, 5, 5), (1, 5, 5)),
            "stem_pool_strides": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
            "stage_conv_a_kernel_sizes": (((5, 1, 1),) * 4,) * 3,
            "stage_conv_b_kernel_sizes": (((1, 5, 5),) * 4,) * 3,
            "stage_conv_b_num_groups": ((2,) * 4, (1,) * 4, (1,) * 4),
            "stage_conv_b_dilations": (((1, 3, 3),) * 4,) * 3,
            "stage_spatial_strides": ((1, 1, 1, 1),) * 3,
            "stage_temporal_strides": ((1, 1, 1, 1),) * 3,
            "bottleneck": create_acoustic_bottleneck_block,
            "head_pool": nn.MaxPool3d,
            "head_pool_kernel_sizes": ((2, 2, 2),) * 3,
            "head_output_size": (1, 2, 2),
            "head_activation": nn.Tanh,
            "head_output_with_global_average": False,
            "stem_function": other_stem,
            "stage": other_stage,
            "head": OtherHead,
            "fusion": other_fusion,
        },
        {
            "head_output_size": {"head_pool": nn.AdaptiveAvgPool3d},
            "slowfast_channel_reduction_ratio": {"stem_dim_outs": (18, 2, 9)},
        },
    ),
}


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_every_argument_of_a_builder_has_an_effect(build):
    assert_every_argument_has_an_effect(build, *CASES[build])


@pytest.mark.parametrize(
    ("kind", "probed"),
    [
        ("norm", (nn.BatchNorm3d,)),
        ("conv", (nn.Conv3d,)),
        ("activation", (nn.ReLU,)),
        ("pool", (nn.MaxPool3d, nn.AvgPool3d)),
    ],
)
def test_a_probe_reaches_every_place_of_its_kind(kind, probed):
    probe = type("Probe", (probed[0],), {"__doc__": "A probe."})
    registry = Registry()
    registry.register(kind, "probe")(probe)
    with torch.device("meta"):
        model = ptv.build("audio_visual_slowfast(model_depth=18)", registry=registry, **{kind: "probe"})

    assert {probe} == {type(module) for module in model.modules() if isinstance(module, probed)}


def test_a_spec_builds_a_model_and_its_lock_the_same():
    torch.manual_seed(0)
    model = ptv.build("audio_visual_slowfast(model_depth=18, stem_dim_outs=[16, 2, 8], head_pool=adaptive_avg)").eval()
    torch.manual_seed(0)
    again = ptv.build(ptv.freeze(model)).eval()

    assert torch.equal(model(CLIPS), again(CLIPS))
