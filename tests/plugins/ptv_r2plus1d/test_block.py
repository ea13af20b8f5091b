import pytest
import torch
from torch import nn

from ptv_r2plus1d import create_2plus1d_bottleneck_block
from ptv_registry.errors import ArgumentError
from tests.support.fingerprint import assert_every_argument_has_an_effect

DIMS = {"dim_in": 8, "dim_inner": 4, "dim_out": 12}


class OtherConv(nn.Conv3d):
    pass


def test_every_argument_has_an_effect():
    others = {
        "dim_in": 4,
        "dim_inner": 8,
        "dim_out": 8,
        "conv_a_kernel_size": (3, 1, 1),
        "conv_a_stride": (2, 1, 1),
        "conv_a_padding": (1, 0, 0),
        "conv_a": OtherConv,
        "conv_b_kernel_size": (5, 3, 3),
        "conv_b_stride": (1, 2, 2),
        "conv_b_padding": (2, 1, 1),
        "conv_b_num_groups": 2,
        "conv_b_dilation": (2, 2, 2),
        "conv_b": OtherConv,
        "conv_c": OtherConv,
        "norm": nn.InstanceNorm3d,
        "norm_eps": 1e-3,
        "norm_momentum": 0.3,
        "activation": nn.SiLU,
    }
    plain = {"conv_b": nn.Conv3d}
    assert_every_argument_has_an_effect(
        create_2plus1d_bottleneck_block, DIMS, others, {"conv_b_num_groups": plain, "conv_b_dilation": plain}
    )


def test_the_middle_convolution_filters_time_then_space():
    block = create_2plus1d_bottleneck_block(**DIMS)

    assert (2, 12, 2, 4, 4) == tuple(block(torch.randn(2, 8, 4, 8, 8)).shape)
    assert ((3, 1, 1), (2, 1, 1)) == (block.conv_b.conv_t.kernel_size, block.conv_b.conv_t.stride)
    assert ((1, 3, 3), (1, 2, 2)) == (block.conv_b.conv_xy.kernel_size, block.conv_b.conv_xy.stride)


def test_norm_activation_and_epsilon_reach_inside_the_middle_convolution():
    block = create_2plus1d_bottleneck_block(**DIMS, norm_eps=1e-3, norm_momentum=0.3, activation=nn.SiLU)
    norms = [module for module in block.modules() if isinstance(module, nn.BatchNorm3d)]

    assert 4 == len(norms)
    assert {(1e-3, 0.3)} == {(norm.eps, norm.momentum) for norm in norms}
    assert isinstance(block.conv_b.activation, nn.SiLU)


def test_without_norm_and_activation_there_is_none_inside_either():
    block = create_2plus1d_bottleneck_block(**DIMS, norm=None, activation=None)

    assert (None, None) == (block.conv_b.norm, block.conv_b.activation)
    assert (1, 12, 1, 2, 2) == tuple(block(torch.randn(1, 8, 2, 4, 4)).shape)


def test_a_plain_middle_convolution_may_have_groups():
    block = create_2plus1d_bottleneck_block(**DIMS, conv_b=nn.Conv3d, conv_b_num_groups=4)

    assert 4 == block.conv_b.groups


def test_a_split_convolution_has_no_groups():
    with pytest.raises(ArgumentError, match="groups=4"):
        create_2plus1d_bottleneck_block(**DIMS, conv_b_num_groups=4)
