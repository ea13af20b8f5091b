"""The ways that the three tutorials of the accelerator show: build of blocks, use the zoo, transmute, convert, deploy."""

import copy
import logging
import subprocess
import sys
import warnings

import pytest
import torch
from torch import nn

import ptv_mobile
from ptv_registry.errors import ArgumentError
from pytorchvideo.accelerator.deployment.common.model_transmuter import (
    EFFICIENT_BLOCK_TRANSMUTER_REGISTRY,
    transmute_model,
)
from pytorchvideo.accelerator.deployment.mobile_cpu.transmuter import transmuter_mobile_cpu
from pytorchvideo.accelerator.deployment.mobile_cpu.utils.model_conversion import convert_to_deployable_form
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase
from pytorchvideo.accelerator.efficient_blocks.no_op_convert_block import NoOpConvertBlock
from pytorchvideo.layers.accelerator.mobile_cpu.activation_functions import Swish, supported_act_functions
from pytorchvideo.layers.accelerator.mobile_cpu.attention import SqueezeExcitation
from pytorchvideo.layers.accelerator.mobile_cpu.convolutions import (
    Conv3d3x1x1BnAct,
    Conv3d3x3x3DwBnAct,
    Conv3d5x1x1BnAct,
    Conv3dPwBnAct,
    Conv3dTemporalKernel1BnAct,
)
from pytorchvideo.layers.accelerator.mobile_cpu.fully_connected import FullyConnected
from pytorchvideo.layers.accelerator.mobile_cpu.pool import AdaptiveAvgPool3d, AdaptiveAvgPool3dOutSize1
from pytorchvideo.models.accelerator.mobile_cpu.efficient_x3d import EfficientX3d, create_x3d
from pytorchvideo.models.accelerator.mobile_cpu.residual_blocks import X3dBottleneckBlock

CLIP = torch.randn(1, 3, 4, 6, 6, generator=torch.Generator().manual_seed(0))


class OfBlocks(nn.Module):
    """The model of the tutorial on building: a temporal convolution, a residual block, a pool, a projection."""

    def __init__(self, channels=24, num_classes=4):
        super().__init__()
        self.s1 = Conv3d5x1x1BnAct(3, channels, bias=False, groups=1, use_bn=False)
        self.s2 = X3dBottleneckBlock(
            in_channels=channels,
            mid_channels=3 * channels,
            out_channels=channels,
            use_residual=True,
            spatial_stride=1,
            se_ratio=0.0625,
            act_functions=("relu", "swish", "relu"),
            use_bn=(True, True, True),
        )
        self.avg_pool = AdaptiveAvgPool3dOutSize1()
        self.projection = FullyConnected(channels, num_classes, bias=True)
        self.act = supported_act_functions["relu"]()

    def forward(self, x):
        x = self.avg_pool(self.s2(self.s1(x))).permute((0, 2, 3, 4, 1))
        x = self.projection(x)
        if not self.training:
            x = self.act(x).mean([1, 2, 3])
        return x.view(x.shape[0], -1)


class Users(nn.Module):
    """The model of the tutorial on the transmuter: torch's layers."""

    def __init__(self):
        super().__init__()
        self.stem0 = nn.Conv3d(3, 3, kernel_size=(3, 1, 1), padding=(1, 0, 0))
        self.stem1 = nn.Conv3d(3, 3, kernel_size=(5, 1, 1), padding=(2, 0, 0))
        self.pw = nn.Conv3d(3, 6, kernel_size=1)
        self.bn = nn.BatchNorm3d(6)
        self.relu = nn.ReLU()
        self.dw = nn.Conv3d(6, 6, kernel_size=3, padding=1, groups=6)
        self.pwl = nn.Conv3d(6, 3, kernel_size=1)

    def forward(self, x):
        out = self.relu(self.bn(self.pw(self.stem1(self.stem0(x)))))
        return self.relu(self.pwl(self.relu(self.dw(out))) + x)


def with_statistics(model):
    """The model after a step of training, so that folding its norms changes something."""
    torch.manual_seed(0)
    model = model()
    model.train()(torch.randn(2, 3, 4, 6, 6))
    return model.eval()


def assert_trace_is_the_same(model, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the tutorials do is deprecated by now, and sizes are compared
        traced = torch.jit.trace(model, x, strict=False)

    torch.testing.assert_close(traced(x), model(x))


def test_a_model_of_efficient_blocks_converts_and_traces():
    model = with_statistics(OfBlocks)
    deployable = convert_to_deployable_form(model, CLIP)
    with torch.no_grad():
        difference = (model(CLIP) - deployable(CLIP)).abs().max()

    assert difference <= 1e-6
    assert not any(isinstance(m, nn.Conv3d | nn.BatchNorm3d) for m in deployable.modules())
    assert any(isinstance(m, nn.Conv3d) for m in model.modules())
    assert_trace_is_the_same(deployable, CLIP)


def test_the_model_of_the_zoo_loads_converts_and_traces(tmp_path):
    clip = torch.randn(1, 3, 4, 32, 32)
    torch.save(EfficientX3d(expansion="XS", head_act="identity").state_dict(), tmp_path / "checkpoint.pyth")
    model = create_x3d(expansion="XS", head_act="identity")
    with open(tmp_path / "checkpoint.pyth", "rb") as file:
        model.load_state_dict(torch.load(file, map_location="cpu"))
    deployable = convert_to_deployable_form(model, input_tensor=clip)

    assert deployable.conversion_report.largest_difference <= 1e-4
    assert_trace_is_the_same(deployable, clip)


def test_the_transmuter_changes_the_model_in_place_and_returns_nothing():
    model = with_statistics(Users)
    before = model(CLIP)

    assert transmute_model(model, target_device="mobile_cpu") is None
    assert [Conv3d3x1x1BnAct, Conv3d5x1x1BnAct, Conv3dPwBnAct, Conv3d3x3x3DwBnAct, Conv3dPwBnAct] == [
        next(kind for kind in CONVS.values() if isinstance(part, kind))
        for part in (model.stem0, model.stem1, model.pw, model.dw, model.pwl)
    ]
    assert type(model.relu) is nn.ReLU
    torch.testing.assert_close(model(CLIP), before)

    deployable = convert_to_deployable_form(model, CLIP)
    torch.testing.assert_close(deployable(CLIP), before, rtol=1e-4, atol=1e-5)
    assert not any(isinstance(m, nn.Conv3d | nn.BatchNorm3d) for m in deployable.modules())
    assert_trace_is_the_same(deployable, CLIP)


CONVS = {
    "transmute_Conv3dPwBnAct": Conv3dPwBnAct,
    "transmute_Conv3d3x3x3DwBnAct": Conv3d3x3x3DwBnAct,
    "transmute_Conv3dTemporalKernel1BnAct": Conv3dTemporalKernel1BnAct,
    "transmute_Conv3d3x1x1BnAct": Conv3d3x1x1BnAct,
    "transmute_Conv3d5x1x1BnAct": Conv3d5x1x1BnAct,
}
EXAMPLES = {
    "transmute_Conv3dPwBnAct": nn.Conv3d(4, 6, 1),
    "transmute_Conv3d3x3x3DwBnAct": nn.Conv3d(4, 4, 3, stride=(1, 2, 2), padding=1, groups=4),
    "transmute_Conv3dTemporalKernel1BnAct": nn.Conv3d(4, 6, (1, 3, 3), padding=(0, 1, 1)),
    "transmute_Conv3d3x1x1BnAct": nn.Conv3d(4, 6, (3, 1, 1), padding=(1, 0, 0)),
    "transmute_Conv3d5x1x1BnAct": nn.Conv3d(4, 4, (5, 1, 1), padding=(2, 0, 0), groups=4),
}


@pytest.mark.parametrize("rule", CONVS)
def test_a_rule_answers_for_its_own_convolution_only(rule):
    answers = {name: getattr(transmuter_mobile_cpu, rule)(conv) for name, conv in EXAMPLES.items()}

    assert isinstance(answers.pop(rule), CONVS[rule])
    assert set(answers.values()) == {None}
    assert getattr(transmuter_mobile_cpu, rule)(nn.Linear(4, 4)) is None


def test_the_rules_are_known_without_an_import_for_their_sake():
    code = (
        "from pytorchvideo.accelerator.deployment.common.model_transmuter import EFFICIENT_BLOCK_TRANSMUTER_REGISTRY\n"
        "print(len(EFFICIENT_BLOCK_TRANSMUTER_REGISTRY['mobile_cpu']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)

    assert "5" == done.stdout.strip()


def test_a_rule_that_is_put_into_the_registry_is_asked_first(monkeypatch, caplog):
    def mine(module):
        return NoOpConvertBlock(module) if isinstance(module, nn.Conv3d) else None

    rules = EFFICIENT_BLOCK_TRANSMUTER_REGISTRY["mobile_cpu"]
    monkeypatch.setitem(EFFICIENT_BLOCK_TRANSMUTER_REGISTRY, "mobile_cpu", [mine, *rules])
    monkeypatch.setitem(EFFICIENT_BLOCK_TRANSMUTER_REGISTRY, "my_device", [lambda module: None])
    model, other = Users(), Users()
    with caplog.at_level(logging.INFO):
        transmute_model(model, prefix="net")
    transmute_model(other, "my_device")

    assert isinstance(model.pw, NoOpConvertBlock)
    assert "Replacing net.pw with NoOpConvertBlock" in caplog.text
    assert repr(Users()) == repr(other)


def test_a_device_without_rules_is_refused():
    with pytest.raises(ArgumentError, match="'mobile_gpu' is not one of mobile_cpu"):
        transmute_model(Users(), "mobile_gpu")


def test_the_model_itself_is_not_replaced():
    conv = nn.Conv3d(3, 3, 1)

    assert transmute_model(conv) is None
    assert type(conv) is nn.Conv3d


def test_convert_takes_the_documented_arguments():
    folded, kept = Conv3dPwBnAct(3, 6), Conv3dPwBnAct(3, 6)
    folded.convert(input_blob_size=(1, 3, 4, 6, 6), convert_for_quantize=True)
    kept.convert((1, 3, 4, 6, 6), convert_for_quantize=True, native_conv3d_op_qnnpack=True)
    swish = Swish()
    swish.convert()

    assert [False, True] == [any(isinstance(m, nn.Conv3d) for m in block.modules()) for block in (folded, kept)]
    assert not any(isinstance(m, nn.BatchNorm3d) for m in kept.modules())
    assert swish.convert_flag
    with pytest.raises(ArgumentError, match="input_size"):
        Conv3dPwBnAct(3, 6).convert()


def test_a_block_of_blocks_converts_its_parts_as_documented():
    class Two(EfficientBlockBase):
        def __init__(self):
            super().__init__()
            self.first, self.second = Conv3dPwBnAct(3, 6), Conv3d3x3x3DwBnAct(6)

        def convert(self, input_blob_size, *args, convert_for_quantize=False, native_conv3d_op_qnnpack=False, **kwargs):
            flags = {
                "convert_for_quantize": convert_for_quantize,
                "native_conv3d_op_qnnpack": native_conv3d_op_qnnpack,
            }
            self.first.convert(input_blob_size, **flags)
            self.second.convert((input_blob_size[0], 6, *input_blob_size[2:]), **flags)

        def forward(self, x):
            return self.second(self.first(x))

    deployable = convert_to_deployable_form(nn.Sequential(Two()), CLIP)

    assert not any(isinstance(m, nn.Conv3d) for m in deployable.modules())


def test_conv3d_is_kept_where_the_runtime_has_it_in_int8():
    model = with_statistics(OfBlocks)
    kept = convert_to_deployable_form(model, CLIP, convert_for_quantize=True, native_conv3d_op_qnnpack=True)
    written_out = convert_to_deployable_form(model, CLIP, convert_for_quantize=True)

    assert any(isinstance(m, nn.Conv3d) for m in kept.modules())
    assert not any(isinstance(m, nn.Conv3d) for m in written_out.modules())


def test_blocks_that_the_library_makes_are_instances_of_the_documented_classes():
    model = create_x3d()

    assert any(isinstance(m, Conv3dPwBnAct) for m in model.modules())
    assert isinstance(model.s2[0], X3dBottleneckBlock)
    assert isinstance(model.projection, NoOpConvertBlock)
    assert isinstance(AdaptiveAvgPool3d(2), NoOpConvertBlock)
    assert isinstance(Conv3dPwBnAct(3, 6), ptv_mobile.Conv3dPwBnAct)
    assert isinstance(Conv3dPwBnAct(3, 6), EfficientBlockBase)
    assert not isinstance(model.s1, Conv3dPwBnAct)
    assert not isinstance(Conv3d3x1x1BnAct(3, 6), Conv3dPwBnAct)
    assert not isinstance(ptv_mobile.Conv3dPwBnAct(3, 6), type("Mine", (Conv3dPwBnAct,), {}))


@pytest.mark.parametrize("activation", [None, nn.SiLU()])
def test_squeeze_and_excitation_takes_a_finished_activation(activation):
    block = SqueezeExcitation(8, is_3d=True, activation=activation)

    assert block.se.block[1] is activation or type(block.se.block[1]) is nn.ReLU


def test_blocks_have_the_names_of_parameters_of_the_plugins():
    ours, theirs = X3dBottleneckBlock(8, 16, 8), ptv_mobile.X3dBottleneckBlock(8, 16, 8)

    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert list(copy.deepcopy(ours).state_dict()) == list(theirs.state_dict())
