import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry import Registry

MODELS = ["vmz_resnet(use_pool1=true)", "ir_csn_152", "ip_csn_152", "r2plus1d_34", "r2plus1d_152", "mc3_18"]
MODELS += ["r3d_18", "r2plus1d_18"]


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
    "pool": (ProbePool, nn.MaxPool3d),
}


@pytest.mark.parametrize("spec", MODELS)
@pytest.mark.parametrize("kind", PROBES)
def test_a_probe_reaches_every_place_of_its_kind(spec, kind):
    registry = Registry()
    probe, places = PROBES[kind]
    registry.register(kind, "probe")(probe)
    with torch.device("meta"):
        model = ptv.build(spec, registry=registry, **{kind: "probe"})
    found = {type(module) for module in model.modules() if isinstance(module, places)}

    assert found == {probe} or (kind == "pool" and not found)


@pytest.mark.parametrize("spec", [*MODELS, "mc3_18(stage_filter=vmz_2plus1d, norm=group)"])
def test_a_lock_builds_the_same_model(spec):
    with torch.device("meta"):
        model = ptv.build(spec)
        again = ptv.build(ptv.freeze(model))

    assert list(model.state_dict()) == list(again.state_dict())
    assert repr(model) == repr(again)


def test_epsilon_reaches_the_norms_inside_filters():
    with torch.device("meta"):
        model = ptv.build("r2plus1d_18", norm_eps=1e-4)

    assert {1e-4} == {m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)}
