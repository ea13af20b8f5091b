import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry import Registry
from ptv_registry.errors import ArgumentError

MODELS = ["csn(model_depth=18, stem_dim_out=8)", "csn_r101"]


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


def test_a_pool_does_not_fill_a_place_that_has_none():
    model = ptv.build(MODELS[0], pool="max")

    assert model.blocks[0].pool is None
    assert isinstance(model.blocks[-1].pool, nn.MaxPool3d)


@pytest.mark.parametrize("spec", [*MODELS, "csn(model_depth=18, norm=group(num_groups=8), head=none, stem_pool=max)"])
def test_a_lock_builds_the_same_model(spec):
    with torch.device("meta"):
        model = ptv.build(spec)
        again = ptv.build(ptv.freeze(model))

    assert list(model.state_dict()) == list(again.state_dict())
    assert repr(model) == repr(again)


def test_arguments_of_the_published_model_are_replaced_not_collided_with():
    with torch.device("meta"):
        model = ptv.build("csn_r101(model_depth=50, stem_pool=none, head_pool_kernel_size=[2, 7, 7])")

    assert 6 == len(model.blocks[3].res_blocks)
    assert model.blocks[0].pool is None
    assert (2, 7, 7) == model.blocks[-1].pool.kernel_size


def test_a_misspelt_argument_is_refused():
    with pytest.raises(ArgumentError, match="bottleneck_ratio"):
        ptv.build("csn(bottleneck_rate=8)")
