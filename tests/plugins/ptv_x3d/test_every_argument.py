from functools import wraps

import pytest
from torch import nn

import ptv_x3d
from ptv_registry.errors import ArgumentError
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_x3d.block import create_x3d_bottleneck_block, create_x3d_res_block
from ptv_x3d.head import create_x3d_head
from ptv_x3d.model import create_x3d
from ptv_x3d.stage import create_x3d_res_stage
from ptv_x3d.stem import create_x3d_stem
from tests.support.fingerprint import assert_every_argument_has_an_effect


class OtherConv(nn.Conv3d):
    pass


class OtherPart(nn.Module):
    def __init__(self, **_):
        super().__init__()


def other_bottleneck(*, dim_in, dim_inner, dim_out, **_):
    return create_bottleneck_block(dim_in=dim_in, dim_inner=dim_inner, dim_out=dim_out)


@wraps(create_x3d_res_block)
def res_block_or_refusal(**arguments):
    try:
        return create_x3d_res_block(**arguments)
    except ArgumentError:
        return nn.Identity()


NORM = {"norm": nn.InstanceNorm3d, "norm_eps": 1e-3, "norm_momentum": 0.3}
DIMS = {"dim_in": 8, "dim_inner": 16, "dim_out": 8}
BLOCK = {
    "dim_in": 24,
    "dim_inner": 32,
    "dim_out": 24,
    "conv_kernel_size": (5, 3, 3),
    "conv_stride": (1, 1, 1),
    **NORM,
    "se_ratio": 0.0,
    "activation": nn.SiLU,
    "inner_act": nn.ReLU,
}
RES = BLOCK | {"bottleneck": other_bottleneck}
X3D = {
    "input_channel": 1,
    "input_clip_length": 8,
    "input_crop_size": 64,
    "model_num_class": 7,
    "dropout_rate": 0.1,
    "width_factor": 1.0,
    "depth_factor": 1.0,
    **NORM,
    "activation": nn.SiLU,
    "stem_dim_in": 24,
    "stem_conv_kernel_size": (3, 5, 5),
    "stem_conv_stride": (2, 1, 1),
    "stage_conv_kernel_size": ((3, 3, 3), (5, 3, 3), (3, 3, 3), (3, 3, 3)),
    "stage_spatial_stride": (2, 2, 2, 1),
    "stage_temporal_stride": (1, 1, 2, 1),
    "bottleneck": other_bottleneck,
    "bottleneck_factor": 2.0,
    "se_ratio": 0.0,
    "inner_act": nn.ReLU,
    "head_dim_out": 64,
    "head_pool_act": nn.SiLU,
    "head_bn_lin5_on": True,
    "head_activation": nn.Sigmoid,
    "head_output_with_global_average": False,
    "stem": OtherPart,
    "stage": OtherPart,
    "head": OtherPart,
}
CASES = {
    "stem": (
        create_x3d_stem,
        {"in_channels": 3, "out_channels": 8},
        {
            "in_channels": 1,
            "out_channels": 16,
            "conv_kernel_size": (3, 5, 5),
            "conv_stride": (2, 1, 1),
            "conv_padding": (1, 0, 0),
            **NORM,
            "activation": nn.SiLU,
            "conv": OtherConv,
        },
    ),
    "bottleneck": (
        create_x3d_bottleneck_block,
        DIMS,
        BLOCK | {"conv": OtherConv, "squeeze_excitation": OtherPart},
    ),
    "res_block": (
        res_block_or_refusal,
        DIMS,
        RES | {"use_shortcut": False, "norm_on_any_shortcut": True, "conv_skip": OtherConv},
    ),
    "stage": (create_x3d_res_stage, {"depth": 2, **DIMS}, RES | {"depth": 3, "res_block": OtherPart}),
    "head": (
        create_x3d_head,
        {"dim_in": 8, "dim_inner": 16, "dim_out": 32, "num_classes": 5},
        {
            "dim_in": 4,
            "dim_inner": 24,
            "dim_out": 16,
            "num_classes": 7,
            "pool_act": nn.SiLU,
            "pool_kernel_size": None,
            **NORM,
            "bn_lin5_on": True,
            "dropout_rate": 0.1,
            "activation": nn.Sigmoid,
            "output_with_global_average": False,
            "conv": OtherConv,
            "pool": nn.MaxPool3d,
        },
    ),
    "model": (create_x3d, {"width_factor": 0.5, "depth_factor": 0.5}, X3D),
    "x3d_xs": (ptv_x3d.x3d_xs, {}, X3D),
}


@pytest.mark.parametrize("name", CASES)
def test_every_argument_of_a_builder_has_an_effect(name):
    assert_every_argument_has_an_effect(*CASES[name])
