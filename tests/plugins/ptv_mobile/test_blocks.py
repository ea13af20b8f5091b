import inspect

import pytest
import torch
from torch import nn

import ptv_mobile
from ptv_mobile import (
    AdaptiveAvgPool2d,
    AdaptiveAvgPool2dOutSize1,
    AdaptiveAvgPool3d,
    AdaptiveAvgPool3dOutSize1,
    AlreadyConvertedError,
    CalibratedSizeError,
    Conv3d3x1x1BnAct,
    Conv3d3x3x3DwBnAct,
    Conv3d5x1x1BnAct,
    Conv3dBnAct,
    Conv3dPwBnAct,
    Conv3dTemporalKernel1BnAct,
    DecomposedConv3d,
    EfficientBlock,
    FullyConnected,
    HardSwish,
    Identity,
    NoOpConvertBlock,
    ReLU,
    SqueezeExcitation,
    Swish,
    X3dBottleneckBlock,
)
from ptv_registry.errors import ArgumentError

CLIP = (2, 8, 4, 9, 7)
BLOCKS = {
    "pointwise": lambda **k: Conv3dPwBnAct(8, 6, **k),
    "depthwise": lambda **k: Conv3d3x3x3DwBnAct(8, **k),
    "depthwise, strided": lambda **k: Conv3d3x3x3DwBnAct(8, spatial_stride=2, **k),
    "spatial": lambda **k: Conv3dTemporalKernel1BnAct(
        8, 12, groups=4, spatial_kernel=3, spatial_stride=2, spatial_padding=2, spatial_dilation=2, **k
    ),
    "3x1x1": lambda **k: Conv3d3x1x1BnAct(8, 6, **k),
    "5x1x1": lambda **k: Conv3d5x1x1BnAct(8, 8, groups=8, **k),
    "any": lambda **k: Conv3dBnAct(8, 6, (4, 3, 2), (2, 1, 2), (1, 0, 1), (1, 2, 1), groups=2, **k),
}
PUBLISHED = {
    Conv3dPwBnAct: {"bias": False, "activation": "relu", "use_bn": True, "norm_eps": 1e-5, "norm_momentum": 0.1},
    Conv3d3x3x3DwBnAct: {"spatial_stride": 1, "bias": False, "activation": "relu", "use_bn": True, "norm_eps": 1e-5},
    Conv3dTemporalKernel1BnAct: {
        "bias": False,
        "groups": 1,
        "spatial_kernel": 1,
        "spatial_stride": 1,
        "spatial_padding": 0,
        "spatial_dilation": 1,
        "activation": "relu",
        "use_bn": True,
    },
    Conv3d3x1x1BnAct: {"groups": 1, "bias": False, "activation": "relu", "use_bn": True},
    Conv3d5x1x1BnAct: {"groups": 1, "bias": False, "activation": "relu", "use_bn": True},
    SqueezeExcitation: {"num_channels_reduced": None, "reduction_ratio": 2.0, "is_3d": False},
    FullyConnected: {"bias": True},
    X3dBottleneckBlock: {
        "use_residual": True,
        "spatial_stride": 1,
        "se_ratio": 0.0625,
        "act_functions": ("relu", "relu", "relu"),
        "bias": (False, False, False),
        "use_bn": (True, True, True),
        "norm_eps": 1e-5,
        "norm_momentum": 0.1,
    },
    ptv_mobile.EfficientX3d: {
        "num_classes": 400,
        "dropout": 0.5,
        "expansion": "XS",
        "head_act": "identity",
        "enable_head": True,
    },
}


def learned(block):
    """A block in evaluation whose norms are not identities."""
    torch.manual_seed(0)
    for module in block.modules():
        if isinstance(module, nn.BatchNorm3d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 1.5)
    return block.eval()


def assert_same_after_conversion(block, *size, **options):
    x = torch.randn(size)
    with torch.no_grad():
        before = learned(block)(x)
        block.convert(size, **options)
        torch.testing.assert_close(block(x), before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("block", PUBLISHED)
def test_the_defaults_are_the_published_ones(block):
    parameters = inspect.signature(block).parameters

    assert PUBLISHED[block] == {name: parameters[name].default for name in PUBLISHED[block]}


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("use_bn", [False, True])
@pytest.mark.parametrize("name", BLOCKS)
def test_a_converted_convolution_gives_what_it_gave(name, use_bn, bias):
    block = BLOCKS[name](use_bn=use_bn, bias=bias, activation="hswish")
    assert_same_after_conversion(block, *CLIP)

    assert [] == [m for m in block.modules() if isinstance(m, nn.Conv3d | nn.BatchNorm3d)]


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("name", ["depthwise", "3x1x1", "5x1x1"])
def test_clips_of_any_length_can_be_converted_for(name, frames):
    assert_same_after_conversion(BLOCKS[name](bias=True, use_bn=False), 2, 8, frames, 5, 5)


def test_a_kernel_no_tap_of_which_meets_every_output_keeps_its_bias():
    block = Conv3dBnAct(8, 6, (2, 1, 1), padding=(1, 0, 0), bias=True, use_bn=False, activation="identity")
    assert_same_after_conversion(block, *CLIP)

    assert block.kernel.conv.bias is not None


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("axis", [1, 2, 3, 4])
def test_another_size_than_the_calibrated_one_is_an_error(name, axis):
    # The original returned the calibrated number of frames for any longer clip (lesson 46).
    block = BLOCKS[name]()
    block.convert(CLIP)
    size = list(CLIP)
    size[axis] += 8

    with pytest.raises(CalibratedSizeError, match=r"converted for inputs of size \(B, 8, 4, 9, 7\) and got"):
        block(torch.randn(size))


@pytest.mark.parametrize("name", BLOCKS)
def test_any_batch_size_passes_after_conversion(name):
    block, x = learned(BLOCKS[name]()), torch.randn(5, *CLIP[1:])
    with torch.no_grad():
        before = block(x)
        block.convert(CLIP)

        torch.testing.assert_close(block(x), before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "block",
    [
        BLOCKS["pointwise"](),
        SqueezeExcitation(8, is_3d=True),
        AdaptiveAvgPool3dOutSize1(),
        X3dBottleneckBlock(8, 16, 8),
    ],
    ids=["conv", "se", "pool", "bottleneck"],
)
def test_a_fixed_batch_refuses_other_batches(block):
    block.convert(CLIP, fixed_batch=True)
    block(torch.randn(CLIP))

    with pytest.raises(CalibratedSizeError, match=r"size \(2, \d+, 4, 9, 7\)"):
        block(torch.randn(3, *CLIP[1:]))


def test_keep_conv3d_only_folds_the_norm():
    block = BLOCKS["any"]()
    assert_same_after_conversion(block, *CLIP, keep_conv3d=True)

    assert [nn.Conv3d] == [type(m) for m in block.modules() if isinstance(m, nn.Conv3d | nn.BatchNorm3d | nn.Conv2d)]


@pytest.mark.parametrize(
    "block", [BLOCKS["any"](), SqueezeExcitation(8, is_3d=True), Swish(), ReLU(), X3dBottleneckBlock(8, 16, 8)]
)
def test_a_block_is_converted_only_once(block):
    block.convert(CLIP)

    assert block.convert_flag
    with pytest.raises(AlreadyConvertedError, match="already"):
        block.convert(CLIP)


@pytest.mark.parametrize("size", [(2, 8, 4, 9), (2, 8, 0, 9, 7), (2, 7, 4, 9, 7)])
def test_a_size_that_no_input_has_is_refused(size):
    with pytest.raises(ArgumentError, match="input_size"):
        BLOCKS["any"]().convert(size)


def test_clips_smaller_than_the_kernel_are_refused():
    with pytest.raises(ArgumentError, match="smaller than the kernel"):
        Conv3dBnAct(8, 8, 5).convert(CLIP)


@pytest.mark.parametrize(
    ("conv", "reason"),
    [
        (nn.Conv3d(8, 8, 3, padding=1, padding_mode="circular"), "mode 'circular'"),
        (nn.Conv3d(8, 8, 3, padding="same"), "'same'"),
        (nn.Conv3d(8, 8, 1, padding=1), "longer than its kernel"),
        (type("Other", (nn.Conv3d,), {})(8, 8, 3), "not exactly a Conv3d"),
    ],
)
def test_a_convolution_that_cannot_be_decomposed_exactly_is_refused(conv, reason):
    with pytest.raises(ArgumentError, match=reason):
        DecomposedConv3d(conv, CLIP)


def test_padding_of_frames_by_other_values_is_kept():
    conv = nn.Conv3d(8, 8, (1, 3, 3), padding=(0, 1, 1), padding_mode="replicate")
    x = torch.randn(CLIP)

    torch.testing.assert_close(DecomposedConv3d(conv, CLIP)(x), conv(x), rtol=1e-4, atol=1e-5)


def test_dilation_in_time_that_leaves_outputs_without_a_frame_is_refused():
    with pytest.raises(ArgumentError, match="padding only"):
        DecomposedConv3d(nn.Conv3d(8, 8, (2, 1, 1), dilation=(2, 1, 1), padding=(1, 0, 0)), (1, 8, 1, 4, 4))


def test_a_strangers_norm_and_convolution_stay_what_they_are():
    class Conv(nn.Conv3d):
        pass

    block = Conv3dPwBnAct(8, 6, norm=lambda num_features, **_: nn.GroupNorm(2, num_features), conv=Conv)
    assert_same_after_conversion(block, *CLIP)

    assert [Conv, nn.GroupNorm] == [type(block.kernel.conv), type(block.kernel.bn)]


@pytest.mark.parametrize("is_3d", [False, True])
def test_squeeze_and_excitation_becomes_linear_layers(is_3d):
    block = SqueezeExcitation(8, num_channels_reduced=3, is_3d=is_3d, activation=nn.SiLU)
    assert_same_after_conversion(block, *(CLIP if is_3d else (2, 8, 5, 6)))

    assert 2 == sum(isinstance(m, nn.Linear) for m in block.modules())
    with pytest.raises(CalibratedSizeError):
        block(torch.randn(2, 8, *((4, 9, 8) if is_3d else (5, 7))))


@pytest.mark.parametrize("block", [Swish, HardSwish, ReLU, Identity])
def test_activations_are_the_same_in_both_forms(block):
    assert_same_after_conversion(block(), *CLIP)


def test_activations_compute_what_they_are_called():
    x = torch.linspace(-4, 4, 50)

    for block, function in (
        (Swish, nn.SiLU()),
        (HardSwish, nn.Hardswish()),
        (ReLU, nn.ReLU()),
        (Identity, nn.Identity()),
    ):
        torch.testing.assert_close(block()(x), function(x))
    assert {
        "relu": ReLU,
        "swish": Swish,
        "hswish": HardSwish,
        "identity": Identity,
    } == ptv_mobile.supported_act_functions


@pytest.mark.parametrize(
    ("block", "size", "expected"),
    [
        (AdaptiveAvgPool3dOutSize1, CLIP, (2, 8, 1, 1, 1)),
        (AdaptiveAvgPool2dOutSize1, (2, 8, 5, 6), (2, 8, 1, 1)),
        (lambda: AdaptiveAvgPool3d([2, 3, 1]), CLIP, (2, 8, 2, 3, 1)),
        (lambda: AdaptiveAvgPool2d(2), (2, 8, 5, 6), (2, 8, 2, 2)),
        (lambda: FullyConnected(7, 3), CLIP, (2, 8, 4, 9, 3)),
        (lambda: NoOpConvertBlock(nn.Tanh()), CLIP, CLIP),
    ],
)
def test_pools_and_linear_layers_give_the_same_in_both_forms(block, size, expected):
    block = block()

    assert expected == tuple(block(torch.randn(size)).shape)
    assert_same_after_conversion(block, *size)


@pytest.mark.parametrize("block", [AdaptiveAvgPool3dOutSize1(), AdaptiveAvgPool2dOutSize1()])
def test_a_converted_pool_refuses_another_size(block):
    size = CLIP if isinstance(block, AdaptiveAvgPool3dOutSize1) else (2, 8, 4, 9)
    block.convert(size)

    with pytest.raises(CalibratedSizeError):
        block(torch.randn(*size[:-1], 20))


@pytest.mark.parametrize("size", [(8, 8), (9, 7), (7, 10)])
@pytest.mark.parametrize("arguments", [{}, {"se_ratio": 0.0}, {"use_residual": False}, {"out_channels": 12}])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_bottleneck_of_any_size_odd_ones_included_can_be_converted(size, arguments, stride):
    # The original rounded down where the convolution rounds up (lesson 46).
    block = X3dBottleneckBlock(
        **{"in_channels": 8, "mid_channels": 16, "out_channels": 8, "spatial_stride": stride, **arguments},
        act_functions=("relu", "swish", "hswish"),
        bias=(True, False, True),
        use_bn=(True, True, False),
    )
    assert_same_after_conversion(block, 2, 8, 4, *size)

    assert [] == [m for m in block.modules() if isinstance(m, nn.Conv3d | nn.BatchNorm3d)]
    assert all(m.convert_flag for m in block.modules() if isinstance(m, EfficientBlock))


@pytest.mark.parametrize("name", ["act_functions", "bias", "use_bn"])
def test_a_bottleneck_wants_three_of_each(name):
    with pytest.raises(ArgumentError, match=f"{name}=.* has 2 entries"):
        X3dBottleneckBlock(8, 16, 8, **{name: ("relu", "relu") if name == "act_functions" else (True, False)})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Conv3dPwBnAct(8, 8, activation="rleu"),
        lambda: X3dBottleneckBlock(8, 16, 8, act_functions=("relu", "rleu", "relu")),
        lambda: ptv_mobile.EfficientX3d(head_act="rleu"),
    ],
)
def test_an_unknown_activation_is_refused_with_the_known_ones(make):
    with torch.device("meta"), pytest.raises(ArgumentError, match="'rleu' is not one of relu, swish, hswish, identity"):
        make()


def test_an_activation_may_be_what_makes_one_or_none():
    assert [nn.GELU, Identity] == [type(Conv3dPwBnAct(8, 8, activation=a).kernel.act) for a in (nn.GELU, None)]


def test_the_efficient_convolution_has_the_signature_of_torchs():
    conv = ptv_mobile.create_efficient_conv(8, 12, 3, (1, 2, 2), 1, groups=4, padding_mode="replicate")
    plain = nn.Conv3d(8, 12, 3, (1, 2, 2), 1, groups=4, padding_mode="replicate")
    plain.load_state_dict(conv.kernel.conv.state_dict())
    x = torch.randn(CLIP)

    torch.testing.assert_close(conv(x), plain(x))
