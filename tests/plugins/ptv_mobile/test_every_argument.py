import pytest
from torch import nn

import ptv_mobile
from tests.support.fingerprint import assert_every_argument_has_an_effect


class OtherConv(nn.Conv3d):
    pass


class OtherConv2d(nn.Conv2d):
    pass


class OtherPart(nn.Module):
    def __init__(self, **_):
        super().__init__()


NORM = {"norm_eps": 1e-3, "norm_momentum": 0.3, "norm": nn.InstanceNorm3d}
COMMON = {"bias": True, "activation": "swish", "use_bn": False, **NORM, "conv": OtherConv}
CHANNELS = {"in_channels": 8, "out_channels": 8}
OTHER_CHANNELS = {"in_channels": 4, "out_channels": 16}
TEMPORAL = {**OTHER_CHANNELS, "groups": 8, **COMMON}
SIZES = {"kernel_size": 5, "stride": 2, "padding": (1, 0, 0), "dilation": 2, "groups": 2, "padding_mode": "circular"}
CASES = {
    "any": (ptv_mobile.Conv3dBnAct, {**CHANNELS, "kernel_size": 3}, {**OTHER_CHANNELS, **SIZES, **COMMON}),
    "pointwise": (ptv_mobile.Conv3dPwBnAct, CHANNELS, {**OTHER_CHANNELS, **COMMON}),
    "depthwise": (
        ptv_mobile.Conv3d3x3x3DwBnAct,
        {"in_channels": 8},
        {"in_channels": 4, "spatial_stride": 2, **COMMON},
    ),
    "spatial": (
        ptv_mobile.Conv3dTemporalKernel1BnAct,
        CHANNELS,
        {
            **TEMPORAL,
            "spatial_kernel": 3,
            "spatial_stride": 2,
            "spatial_padding": 1,
            "spatial_dilation": 2,
        },
    ),
    "3x1x1": (ptv_mobile.Conv3d3x1x1BnAct, CHANNELS, TEMPORAL),
    "5x1x1": (ptv_mobile.Conv3d5x1x1BnAct, CHANNELS, TEMPORAL),
    "efficient": (
        ptv_mobile.create_efficient_conv,
        {**CHANNELS, "kernel_size": 3},
        {**OTHER_CHANNELS, **SIZES, "bias": False},
    ),
    "se": (
        ptv_mobile.SqueezeExcitation,
        {"num_channels": 8},
        {
            "num_channels": 16,
            "num_channels_reduced": 3,
            "reduction_ratio": 4.0,
            "is_3d": True,
            "activation": nn.SiLU,
            "conv": OtherConv2d,
        },
    ),
    "fully_connected": (
        ptv_mobile.FullyConnected,
        {"in_features": 8, "out_features": 8},
        {"in_features": 4, "out_features": 4, "bias": False},
    ),
    "pool": (ptv_mobile.AdaptiveAvgPool3d, {"output_size": 1}, {"output_size": 2}),
    "pool_2d": (ptv_mobile.AdaptiveAvgPool2d, {"output_size": 1}, {"output_size": 2}),
    "bottleneck": (
        ptv_mobile.X3dBottleneckBlock,
        {"in_channels": 8, "mid_channels": 16, "out_channels": 12},
        {
            "in_channels": 4,
            "mid_channels": 32,
            "out_channels": 16,
            "use_residual": False,
            "spatial_stride": 2,
            "se_ratio": 0.0,
            "act_functions": ["relu", "hswish", "relu"],
            "bias": [False, True, False],
            "use_bn": [True, False, True],
            **NORM,
            "conv": OtherConv,
            "squeeze_excitation": OtherPart,
        },
    ),
    "model": (
        ptv_mobile.EfficientX3d,
        {},
        {
            "num_classes": 7,
            "dropout": 0.0,
            "expansion": "L",
            "head_act": "swish",
            "enable_head": False,
            "activation": "hswish",
            "inner_act": "relu",
            **NORM,
            "conv": OtherConv,
            "res_block": OtherPart,
            "head_pool": OtherPart,
        },
    ),
}
CASES["efficient_x3d_xs"] = (ptv_mobile.efficient_x3d_xs, *CASES["model"][1:])


@pytest.mark.parametrize("name", CASES)
def test_every_argument_of_a_builder_has_an_effect(name):
    assert_every_argument_has_an_effect(*CASES[name])


@pytest.mark.parametrize("part", range(3))
def test_each_of_three_entries_has_an_effect_of_its_own(part):
    def block(act_functions=("relu",) * 3, bias=(False,) * 3, use_bn=(True,) * 3):
        return ptv_mobile.X3dBottleneckBlock(8, 16, 8, act_functions=act_functions, bias=bias, use_bn=use_bn)

    def changed(usual, other):
        return tuple(other if i == part else usual for i in range(3))

    assert_every_argument_has_an_effect(
        block,
        {},
        {"act_functions": changed("relu", "swish"), "bias": changed(False, True), "use_bn": changed(True, False)},
    )
