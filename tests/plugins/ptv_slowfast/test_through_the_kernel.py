import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry import Registry

MODELS = [
    "slowfast(model_depth=18)",
    "slowfast_with_roi_head(model_depth=18)",
    "slowfast_r50",
    "slowfast_r101",
    "slowfast_16x8_r101_50_50",
    "slowfast_r50_detection",
]
each_model = pytest.mark.parametrize("spec", MODELS)
SMALL = "slowfast(model_depth=18, stem_dim_outs=[16, 2], model_num_class=5, head_pool=adaptive_avg)"
CLIPS = [torch.randn(2, 3, 2, 64, 64), torch.randn(2, 3, 8, 64, 64)]


class ProbeNorm(nn.BatchNorm3d):
    pass


class ProbeConv(nn.Conv3d):
    pass


class ProbeActivation(nn.ReLU):
    pass


class ProbePool(nn.MaxPool3d):
    pass


PROBES = {
    "norm": (ProbeNorm, nn.BatchNorm3d),
    "conv": (ProbeConv, nn.Conv3d),
    "activation": (ProbeActivation, nn.ReLU),
    "pool": (ProbePool, (nn.MaxPool3d, nn.AvgPool3d)),
}


@each_model
@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_reaches_every_place_of_its_kind(spec, kind):
    probe, places = PROBES[kind]
    registry = Registry()
    registry.register(kind, "probe")(probe)
    with torch.device("meta"):
        model = ptv.build(spec, registry=registry, **{kind: "probe"})

    assert {probe} == {type(module) for module in model.modules() if isinstance(module, places)}


@each_model
def test_a_lock_builds_the_same_model(spec):
    with torch.device("meta"):
        model = ptv.build(spec)
        again = ptv.build(ptv.freeze(model))

    assert list(model.state_dict()) == list(again.state_dict())
    assert repr(model) == repr(again)


def test_one_stem_by_name_serves_both_pathways():
    model = ptv.build(SMALL, stem="res_basic(pool=none)", norm="group(num_groups=2)")

    assert [None, None] == [stem.pool for stem in model.blocks[0].multipathway_blocks]
    assert (2, 5) == tuple(model(CLIPS).shape)
    assert not any(isinstance(module, nn.BatchNorm3d) for module in model.modules())


def test_a_list_gives_each_pathway_its_stem():
    model = ptv.build(SMALL, stem_function=["res_basic", "res_basic(norm=none)"])

    assert [False, True] == [stem.norm is None for stem in model.blocks[0].multipathway_blocks]


def test_a_fusion_by_name_takes_its_own_arguments():
    model = ptv.build(SMALL, fusion="fast_to_slow(conv_kernel_size=[3, 1, 1], norm=none)")
    fusion = model.blocks[1].multipathway_fusion

    assert ((3, 1, 1), None) == (fusion.conv_fast_to_slow.kernel_size, fusion.norm)


def test_no_fusion_can_be_asked_for():
    model = ptv.build(SMALL, fusion="none")

    assert (2, 5) == tuple(model(CLIPS).shape)
