import pytest
import torch
from torch import nn

import ptv_mobile
import ptv_registry as ptv
from ptv_registry import Registry

MODELS = ["efficient_x3d", "efficient_x3d_xs", "efficient_x3d_s"]


class ProbeNorm(nn.BatchNorm3d):
    pass


class ProbeConv(nn.Conv3d):
    pass


class ProbeActivation(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return x


@pytest.fixture
def registry():
    registry = Registry()
    for kind, probe in (("norm", ProbeNorm), ("conv", ProbeConv), ("activation", ProbeActivation)):
        registry.register(kind, "probe")(probe)
    return registry


def build_on_meta(spec, **arguments):
    with torch.device("meta"):
        return ptv.build(spec, **arguments)


def test_the_activation_leaves_inner_act_and_the_heads_alone(registry):
    model = build_on_meta("efficient_x3d", registry=registry, activation="probe")
    blocks = [m for m in model.modules() if isinstance(m, ptv_mobile.X3dBottleneckBlock)]

    assert {ProbeActivation} == {type(b.layers.conv_0.kernel.act) for b in blocks} | {type(b.final_act) for b in blocks}
    assert ProbeActivation not in {type(b.layers.act_func_1) for b in blocks} | {type(model.act)}


def test_the_documented_names_of_activations_can_be_written_in_a_spec():
    model = build_on_meta("efficient_x3d(head_act=hswish, activation=relu, inner_act=identity)")

    assert isinstance(model.act, ptv_mobile.HardSwish)
    assert isinstance(model.s2[0].layers.act_func_1, ptv_mobile.Identity)


@pytest.mark.parametrize("spec", MODELS)
def test_the_spec_builds_what_the_builder_builds(spec):
    torch.manual_seed(0)
    built = ptv.build(spec)
    torch.manual_seed(0)
    called = getattr(ptv_mobile, {"efficient_x3d": "EfficientX3d"}.get(spec, spec))()

    assert list(called.state_dict()) == list(built.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(called.parameters(), built.parameters(), strict=True))


def test_a_model_of_another_family_can_be_built_of_efficient_convolutions():
    model = ptv.build(
        "x3d(width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32, model_num_class=5)",
        conv="efficient",
    ).eval()
    for norm in [m for m in model.modules() if isinstance(m, nn.BatchNorm3d)]:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.running_mean, std=0.1)
    clips = torch.randn(2, 3, 4, 32, 32)
    deployable, report = ptv_mobile.convert_and_compare(model, clips)
    classes = list(report.converted.values())

    for kind, name in ((nn.Conv3d, "Conv3dBnAct"), (nn.BatchNorm3d, "Identity")):
        assert classes.count(name) == len([m for m in model.modules() if isinstance(m, kind)]) > 20
    assert not any(isinstance(m, nn.Conv3d | nn.BatchNorm3d) for m in deployable.modules())
    torch.testing.assert_close(deployable(clips), model(clips), rtol=1e-4, atol=1e-5)


def test_a_built_model_converts():
    model = ptv.build("efficient_x3d_xs", num_classes=5)
    _, report = ptv_mobile.convert_and_compare(model, torch.randn(1, 3, 4, 33, 33))

    assert report.left == {}
    assert report.largest_difference < 1e-4
