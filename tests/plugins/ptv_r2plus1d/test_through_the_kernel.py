import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry import Registry
from ptv_registry.errors import ArgumentError

MODELS = ["r2plus1d(model_depth=18, stem_dim_out=8)", "r2plus1d_r50"]


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
    "pool": (ProbePool, (nn.AvgPool3d, nn.MaxPool3d)),
}


@pytest.mark.parametrize("spec", MODELS)
@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_reaches_every_place_of_its_kind(spec, kind):
    registry = Registry()
    probe, places = PROBES[kind]
    registry.register(kind, "probe")(probe)
    with torch.device("meta"):
        model = ptv.build(spec, registry=registry, **{kind: "probe"})

    assert {probe} == {type(module) for module in model.modules() if isinstance(module, places)}


@pytest.mark.parametrize(
    "spec",
    [
        *MODELS,
        "r2plus1d(model_depth=18, norm=group(num_groups=8), head=none, stage_conv_b=conv3d)",
        "r2plus1d(model_depth=18, stage_bottleneck=[bottleneck_2plus1d, bottleneck, bottleneck, bottleneck_2plus1d])",
    ],
)
def test_a_lock_builds_the_same_model(spec):
    with torch.device("meta"):
        model = ptv.build(spec)
        again = ptv.build(ptv.freeze(model))

    assert list(model.state_dict()) == list(again.state_dict())
    assert repr(model) == repr(again)


def test_epsilon_reaches_every_norm():
    model = ptv.build(MODELS[0], norm_eps=1e-3)

    assert {1e-3} == {m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)}


def test_arguments_of_the_published_model_are_replaced_not_collided_with():
    with torch.device("meta"):
        model = ptv.build("r2plus1d_r50(model_depth=101, dropout_rate=0, head_activation=none)")

    assert 23 == len(model.blocks[3].res_blocks)
    assert (None, None) == (model.blocks[-1].dropout, model.blocks[-1].activation)


def test_a_list_that_is_too_short_is_refused():
    with pytest.raises(ArgumentError, match="list of 4"):
        ptv.build("r2plus1d(stage_bottleneck=[bottleneck, bottleneck])")
