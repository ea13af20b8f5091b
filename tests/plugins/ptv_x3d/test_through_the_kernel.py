import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_layers.swish import Swish
from ptv_registry import Registry
from ptv_registry.errors import ArgumentError
from ptv_x3d import create_x3d

SMALL = "x3d(width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32, model_num_class=5)"
MODELS = [SMALL, "x3d_xs", "x3d_l"]


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
    "pool": (ProbePool, (nn.AvgPool3d, nn.MaxPool3d)),
}


@pytest.fixture
def registry():
    registry = Registry()
    for kind, (probe, _) in (PROBES | {"activation": (ProbeActivation, nn.ReLU)}).items():
        registry.register(kind, "probe")(probe)
    return registry


def build_on_meta(spec, **arguments):
    with torch.device("meta"):
        return ptv.build(spec, **arguments)


@pytest.mark.parametrize("spec", MODELS)
def test_the_activation_leaves_inner_act_and_those_of_the_head_alone(registry, spec):
    model = build_on_meta(spec, registry=registry, activation="probe")
    blocks = [block for stage in model.blocks[1:-1] for block in stage.res_blocks]

    assert {ProbeActivation} == {type(model.blocks[0].activation)} | {
        type(activation) for block in blocks for activation in (block.activation, block.branch2.act_a)
    }
    assert {Swish} == {type(block.branch2.act_b) for block in blocks}
    assert [nn.ReLU, nn.ReLU] == [type(model.blocks[-1].pool.pre_act), type(model.blocks[-1].pool.post_act)]


def test_inner_act_reaches_the_second_activation_only():
    model = ptv.build(SMALL, inner_act="gelu")

    assert {nn.GELU} == {type(b.branch2.act_b) for s in model.blocks[1:-1] for b in s.res_blocks}
    assert isinstance(model.blocks[0].activation, nn.ReLU)


def test_the_spec_builds_what_the_builder_builds():
    torch.manual_seed(0)
    built = ptv.build(SMALL).eval()
    torch.manual_seed(0)
    called = create_x3d(
        width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32, model_num_class=5
    ).eval()
    x = torch.randn(1, 3, 4, 32, 32)

    assert repr(called) == repr(built)
    assert torch.equal(called(x), built(x))


def test_epsilon_reaches_every_norm():
    model = build_on_meta(SMALL, norm_eps=1e-3, head_bn_lin5_on=True)

    assert {1e-3} == {m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)}


def test_parts_of_a_stage_are_edited_by_path():
    model = ptv.build(SMALL, set={"stage.res_block.conv_skip": "conv2plus1d(norm=none, activation=none)"})

    assert "Conv2plus1d" == type(model.blocks[1].res_blocks[0].branch1_conv).__name__


def test_a_misspelt_argument_is_refused():
    with pytest.raises(ArgumentError, match="input_crop_size"):
        ptv.build("x3d_s(input_crop=182)")
