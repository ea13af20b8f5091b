import copy
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn

import ptv_layers
import ptv_mobile
import ptv_registry as ptv
from ptv_layers.squeeze_excitation import SqueezeExcitation
from ptv_mobile import AmbiguousReplacementError, ParityError, transmute_and_compare, transmute_model
from ptv_mobile.replacements import efficient_block_for
from ptv_mobile.window_pools import WindowPool3d
from ptv_registry import _hooks
from ptv_registry.errors import ArgumentError

CLIP = torch.randn(2, 8, 5, 9, 9, generator=torch.Generator().manual_seed(0))
CONVS = {
    "Conv3dPwBnAct": nn.Conv3d(8, 6, 1),
    "Conv3d3x3x3DwBnAct": nn.Conv3d(8, 8, 3, stride=(1, 2, 2), padding=1, groups=8),
    "Conv3dTemporalKernel1BnAct": nn.Conv3d(8, 6, (1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1), bias=False),
    "Conv3d3x1x1BnAct": nn.Conv3d(8, 6, (3, 1, 1), padding=(1, 0, 0)),
    "Conv3d5x1x1BnAct": nn.Conv3d(8, 8, (5, 1, 1), padding=(2, 0, 0), groups=8),
}
ODD_CONVS = {
    "padding (0, 1, 0)": nn.Conv3d(8, 6, (1, 3, 3), padding=(0, 1, 0)),
    "pointwise, strided in time": nn.Conv3d(8, 6, 1, stride=(2, 1, 1)),
    "replicated": nn.Conv3d(8, 6, (1, 3, 3), padding=(0, 1, 1), padding_mode="replicate"),
    "other kernel": nn.Conv3d(8, 6, (1, 3, 2), padding=(0, 1, 1)),
    "dilated in time": nn.Conv3d(8, 6, (3, 1, 1), padding=(2, 0, 0), dilation=(2, 1, 1)),
    "unpadded": nn.Conv3d(8, 6, (3, 1, 1)),
    "depthwise, more channels": nn.Conv3d(8, 16, 3, padding=1, groups=8),
}
OTHERS = {
    "BatchNormBlock": nn.BatchNorm3d(8),
    "AdaptiveAvgPool3dOutSize1": nn.AdaptiveAvgPool3d((1, 1, 1)),
    "Swish": nn.SiLU(),
    "SqueezeExcitation": SqueezeExcitation(8),
    "WindowPool3d": nn.AvgPool3d((2, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1), count_include_pad=False),
}
LEFT = {
    "circular in time": nn.Conv3d(8, 8, 3, padding=1, padding_mode="circular"),
    "a subclass": type("Mine", (nn.Conv3d,), {})(8, 8, 1),
    "same": nn.Conv3d(8, 8, 3, padding="same"),
    "no statistics": nn.BatchNorm3d(8, track_running_stats=False),
    "another extent": nn.AdaptiveAvgPool3d(2),
    "ceil": nn.MaxPool3d(2, ceil_mode=True),
    "indices": nn.MaxPool3d(2, return_indices=True),
    "dilated": nn.MaxPool3d(2, dilation=2),
    "padded time": nn.AvgPool3d(3, padding=1),
    "divisor": nn.AvgPool3d(2, divisor_override=3),
    "linear": nn.Linear(9, 9),
}


def converted_like(module, x=CLIP):
    """The module, transmuted and in its deployable form; its outputs are compared on the way."""
    module = copy.deepcopy(module)
    if isinstance(module, nn.BatchNorm3d):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias)
        module.running_mean.normal_()
        module.running_var.uniform_(0.5, 1.5)
    transmuted, report = transmute_and_compare(nn.Sequential(module), example_inputs=x)
    deployable, compared = ptv_mobile.convert_and_compare(transmuted, x)
    torch.testing.assert_close(deployable(x), module.eval()(x), rtol=1e-4, atol=1e-5)
    assert compared.left == {}
    return report.converted["0"], deployable


@pytest.mark.parametrize("name", CONVS)
def test_a_convolution_is_replaced_by_the_block_made_for_it(name):
    assert name == converted_like(CONVS[name])[0]


@pytest.mark.parametrize("name", ODD_CONVS)
def test_what_no_special_block_computes_exactly_gets_the_general_one(name):
    # The original's rules took padding (0, 1, 0) for (0, 1, 1), and any padding mode for zeros (lesson 47).
    replaced, deployable = converted_like(ODD_CONVS[name])

    assert "Conv3dBnAct" == replaced
    assert not any(isinstance(m, nn.Conv3d) for m in deployable.modules())


@pytest.mark.parametrize("name", OTHERS)
def test_other_layers_have_blocks_too(name):
    replaced, deployable = converted_like(OTHERS[name])

    assert name == replaced
    assert not any(isinstance(m, nn.BatchNorm3d | nn.AvgPool3d | nn.AdaptiveAvgPool3d) for m in deployable.modules())


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
        nn.MaxPool3d(2),
        nn.AvgPool3d((5, 9, 9), 1),
        nn.AvgPool3d((1, 2, 2)),
    ],
)
def test_pools_with_a_window_are_taken_apart(pool):
    _, deployable = converted_like(pool)

    assert not any(isinstance(m, nn.MaxPool3d | nn.AvgPool3d) for m in deployable.modules())
    with pytest.raises(ptv_mobile.CalibratedSizeError):
        deployable(torch.randn(2, 8, 6, 9, 9))


def test_a_pool_that_is_no_two_pools_is_no_block():
    with pytest.raises(ArgumentError, match="rounds its output up"):
        WindowPool3d(nn.MaxPool3d(2, ceil_mode=True))


@pytest.mark.parametrize("name", LEFT)
def test_what_has_no_exact_match_is_left(name):
    assert efficient_block_for(LEFT[name]) is None


def test_a_module_with_hooks_is_left():
    conv = nn.Conv3d(8, 8, 1)
    conv.register_forward_hook(lambda module, args, output: output + 1)

    assert efficient_block_for(conv) is None


def small():
    torch.manual_seed(0)
    shared = nn.Conv3d(8, 8, 1)
    return nn.ModuleDict(
        {"a": nn.Sequential(shared, nn.ReLU(), nn.Conv3d(8, 8, 3, padding=1)), "b": shared, "c": nn.Linear(3, 3)}
    )


def test_the_model_is_not_touched_and_names_are_reported():
    model = small()
    before = repr(model)
    transmuted, report = transmute_and_compare(model)

    assert before == repr(model)
    assert {"a.0": "Conv3dPwBnAct", "a.2": "Conv3dBnAct"} == report.converted
    assert transmuted["a"][0] is transmuted["b"]
    assert report.largest_difference == 0


def test_parameters_keep_their_values_type_and_mode():
    conv = nn.Sequential(nn.Conv3d(8, 6, 1).double().requires_grad_(False)).train()
    transmuted = transmute_model(conv)

    assert transmuted[0].training
    assert torch.equal(conv[0].weight, transmuted[0].kernel.conv.weight)
    assert not transmuted[0].kernel.conv.weight.requires_grad
    assert transmuted[0].kernel.conv.weight.dtype is torch.float64


def test_in_place_the_model_itself_is_changed():
    model = small()
    weight = model["b"].weight
    transmuted = transmute_model(model, in_place=True)

    assert transmuted is model
    assert isinstance(model["b"], ptv_mobile.Conv3dPwBnAct)
    assert model["b"].kernel.conv.weight is weight


def test_a_module_that_is_replaced_as_a_whole():
    conv = nn.Conv3d(8, 6, 1)

    assert isinstance(transmute_model(conv), ptv_mobile.Conv3dPwBnAct)
    with pytest.raises(ArgumentError, match="as a whole"):
        transmute_model(conv, in_place=True)


def test_efficient_blocks_are_not_asked_about():
    _, report = transmute_and_compare(ptv_mobile.X3dBottleneckBlock(8, 16, 8))

    assert {} == report.converted


class Scripted:
    """Stands for installed plugins: what each offers for a convolution."""

    def __init__(self, monkeypatch, *makers):
        self.makers = makers
        self.asked = []
        monkeypatch.setattr(ptv, "call_hook", self)

    def __call__(self, name, *, module, target, path):
        self.asked.append((name, target, path))
        return [make(module) for make in self.makers] if isinstance(module, nn.Conv3d) else []


class Mine(nn.Module):
    def __init__(self, conv, by=0.0):
        super().__init__()
        self.conv, self.by = conv, by

    def forward(self, x):
        return self.conv(x) + self.by


def test_plugins_are_asked_about_every_module_with_target_and_path(monkeypatch):
    plugins = Scripted(monkeypatch, Mine)
    transmute_model(small(), "gadget")

    assert [("ptv_convert", "gadget", path) for path in ("", "a", "a.0", "a.1", "a.2", "c")] == plugins.asked[:6]


def test_an_installed_plugin_is_asked_through_the_kernel():
    class Plugin:
        @ptv.hookimpl
        def ptv_convert(self, module, path):
            return Mine(module) if path == "a.2" else None

    plugin = Plugin()
    _hooks.manager().register(plugin)
    try:
        with pytest.raises(AmbiguousReplacementError, match=r"a\.2 .*Mine"):
            transmute_model(small())
        _, report = transmute_and_compare(small(), prefer=["Mine"])
    finally:
        _hooks.manager().unregister(plugin)

    assert {"a.0": "Conv3dPwBnAct", "a.2": "Mine"} == report.converted


def test_several_candidates_are_an_error_that_lists_them(monkeypatch):
    Scripted(monkeypatch, efficient_block_for, Mine)

    with pytest.raises(
        AmbiguousReplacementError, match=r"a\.0 \(Conv3d\).*Conv3dPwBnAct of ptv_mobile, Mine of"
    ) as caught:
        transmute_model(small())
    assert 2 == len(caught.value.fields["candidates"])


@pytest.mark.parametrize(
    ("prefer", "chosen"),
    [
        (["Mine"], ["Mine", "Mine"]),
        (["ptv_mobile"], ["Conv3dPwBnAct", "Conv3dBnAct"]),
        (["Conv3dPwBnAct", "Mine"], ["Conv3dPwBnAct", "Mine"]),
        (["Mine", "Conv3dPwBnAct"], ["Mine", "Mine"]),
    ],
)
def test_the_order_of_preferences_chooses(monkeypatch, prefer, chosen):
    Scripted(monkeypatch, efficient_block_for, Mine)
    _, report = transmute_and_compare(small(), prefer=prefer)

    assert chosen == list(report.converted.values())


def test_rules_are_asked_before_the_plugins():
    def rule(module):
        return Mine(module) if isinstance(module, nn.Conv3d) and module.kernel_size == (3, 3, 3) else None

    _, report = transmute_and_compare(small(), rules=[lambda module: None, rule])

    assert {"a.0": "Conv3dPwBnAct", "a.2": "Mine"} == report.converted


def test_a_text_is_no_list_of_preferences():
    with pytest.raises(ArgumentError, match="pass a list"):
        transmute_model(small(), prefer="Mine")


@pytest.mark.parametrize("example", [None, CLIP])
def test_a_replacement_that_computes_something_else_is_an_error(monkeypatch, example):
    Scripted(monkeypatch, lambda conv: Mine(conv, by=1e-2))

    with pytest.raises(ParityError, match="differs by"):
        transmute_model(nn.Sequential(nn.Conv3d(8, 6, 1)), example_inputs=example)


def test_what_cannot_be_tried_alone_needs_an_example(monkeypatch):
    class TwoInputs(nn.Conv3d):
        def forward(self, x, y):
            return super().forward(x + y)

    Scripted(monkeypatch, Mine)

    with pytest.raises(ArgumentError, match="give example_inputs"):
        transmute_model(nn.Sequential(TwoInputs(8, 8, 1)))


def test_a_candidate_that_is_no_module_is_refused(monkeypatch):
    Scripted(monkeypatch, lambda conv: "better")

    with pytest.raises(ArgumentError, match="a replacement is a module"):
        transmute_model(small())


def test_a_device_that_nobody_knows_is_refused():
    with pytest.raises(ArgumentError, match="'mobil_cpu' in this model; is the name right"):
        transmute_model(small(), "mobil_cpu")


def test_other_targets_are_left_to_their_plugins():
    model = nn.Sequential(ptv_layers.NaiveSyncBatchNorm3d(8), nn.Conv3d(8, 8, 1))
    _, report = transmute_and_compare(model, "inference")

    assert {"0": "BatchNorm3d"} == report.converted


def test_the_transmuter_works_without_importing_the_blocks_first():
    # The original's registry was empty without a side-effect import (lesson 47); and the hooks load no torch.
    code = (
        "import sys, ptv_mobile.hooks; assert 'torch' not in sys.modules\n"
        "from torch import nn; from ptv_mobile.transmuter import transmute_model\n"
        "print(type(transmute_model(nn.Sequential(nn.Conv3d(2, 2, 1)))[0]).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "Conv3dPwBnAct" == done.stdout.strip()


SPECS = {
    "slowfast(stem_dim_outs=[16,2], model_num_class=5, head_pool_kernel_sizes=[[2,1,1],[8,1,1]])": (
        (1, 3, 2, 33, 33),
        (1, 3, 8, 33, 33),
    ),
    "x3d(width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32, model_num_class=5)": (
        (2, 3, 4, 33, 33),
    ),
    "r2plus1d(model_num_class=5, head_pool_kernel_size=[1,2,2], stem_dim_out=16)": ((1, 3, 8, 33, 35),),
}


@pytest.mark.parametrize("spec", SPECS)
def test_whole_models_of_other_families_become_two_dimensional(spec):
    torch.manual_seed(0)
    model = ptv.build(spec)
    clips = [torch.randn(size) for size in SPECS[spec]]
    example = clips if len(clips) > 1 else clips[0]
    transmuted, report = transmute_and_compare(model, example_inputs=example)
    deployable, compared = ptv_mobile.convert_and_compare(transmuted, example)

    assert report.largest_difference == 0
    assert compared.left == {}
    assert not any(hasattr(m, "shift") for m in deployable.modules())  # every norm is folded into its convolution
    pickle.loads(pickle.dumps((transmuted, deployable)))
    assert [] == [
        m
        for m in deployable.modules()
        if isinstance(m, nn.Conv3d | nn.BatchNorm3d | nn.AvgPool3d | nn.MaxPool3d | nn.AdaptiveAvgPool3d)
    ]


def test_slowfast_for_detection_converts_with_its_list_and_boxes():
    torch.manual_seed(0)
    model = ptv.build(
        "slowfast_with_roi_head(stem_dim_outs=[16,2], model_num_class=5, head_pool_kernel_sizes=[[2,1,1],[8,1,1]],"
        "head_spatial_resolution=[3,3])"
    ).eval()
    clips = [torch.randn(2, 3, 2, 33, 33), torch.randn(2, 3, 8, 33, 33)]
    boxes = torch.tensor([[0.0, 1, 2, 20, 30], [1, 0, 0, 32, 32], [1, 9, 9, 25, 20]])
    transmuted = transmute_model(model, example_inputs=(clips, boxes))
    deployable, report = ptv_mobile.convert_and_compare(transmuted, (clips, boxes))
    with torch.no_grad():
        one = ([clip[:1] for clip in clips], boxes[:1])

        torch.testing.assert_close(deployable(*one), model(*one), rtol=1e-3, atol=1e-4)
    assert report.largest_difference < 1e-4
