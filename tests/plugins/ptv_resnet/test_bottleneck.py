import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import (
    BottleneckBlock,
    SeparableBottleneckBlock,
    create_acoustic_bottleneck_block,
    create_bottleneck_block,
)

DIMS = {"dim_in": 4, "dim_inner": 2, "dim_out": 6}


def test_a_bottleneck_ends_with_a_norm_that_starts_at_zero():
    block = create_bottleneck_block(**DIMS).eval()
    x = torch.randn(1, 4, 4, 8, 8)

    assert (1, 6, 2, 4, 4) == tuple(block(x).shape)
    assert 0 == block(x).abs().max()
    assert 1 == block.norm_a.weight.min()


def test_a_bottleneck_applies_its_layers_in_order():
    block = create_bottleneck_block(**DIMS).eval()
    nn.init.ones_(block.norm_c.weight)
    x = torch.randn(1, 4, 4, 8, 8)
    expected = x
    for name in ("conv_a", "norm_a", "act_a", "conv_b", "norm_b", "act_b", "conv_c", "norm_c"):
        expected = getattr(block, name)(expected)

    assert torch.equal(expected, block(x))


def test_a_bottleneck_without_norms_and_activations_is_linear():
    block = create_bottleneck_block(**DIMS, norm=None, activation=None)
    x = torch.randn(1, 4, 4, 8, 8)

    torch.testing.assert_close(2 * block(x), block(2 * x))


def test_the_acoustic_bottleneck_filters_space_and_time_side_by_side():
    block = create_acoustic_bottleneck_block(
        **DIMS, conv_b_kernel_size=(3, 1, 5), conv_b_padding=(1, 0, 2), norm=None, activation=None
    )
    spatial, temporal = block.conv_b
    x = torch.randn(1, 4, 8, 1, 6)
    inner = block.conv_a(x)

    assert [(1, 1, 5), (3, 1, 1)] == [spatial.kernel_size, temporal.kernel_size]
    torch.testing.assert_close(block.conv_c(spatial(inner) + temporal(inner)), block(x))


def test_the_acoustic_bottleneck_with_norms_starts_at_zero():
    block = create_acoustic_bottleneck_block(**DIMS).eval()

    assert 0 == block(torch.randn(1, 4, 8, 1, 6)).abs().max()
    assert (2, 2) == (len(block.norm_b), len(block.act_b))


def test_separate_branches_can_be_concatenated():
    block = SeparableBottleneckBlock(
        conv_a=None,
        norm_a=None,
        act_a=None,
        conv_b=nn.ModuleList([nn.Conv3d(2, 3, 1), nn.Conv3d(2, 3, 1)]),
        norm_b=nn.ModuleList([nn.BatchNorm3d(3), nn.Identity()]),
        act_b=None,
        conv_c=nn.Conv3d(6, 4, 1),
        norm_c=None,
        reduce_method="cat",
    )

    assert (1, 4, 2, 2, 2) == tuple(block(torch.randn(1, 2, 2, 2, 2)).shape)


def test_an_unknown_reduction_or_lists_of_different_length_are_refused():
    parts = {"conv_a": None, "norm_a": None, "act_a": None, "conv_c": nn.Conv3d(2, 2, 1), "norm_c": None}
    convs = nn.ModuleList([nn.Conv3d(2, 2, 1), nn.Conv3d(2, 2, 1)])

    with pytest.raises(ArgumentError, match="'mean'; use 'sum' or 'cat'"):
        SeparableBottleneckBlock(**parts, conv_b=convs, norm_b=None, act_b=None, reduce_method="mean")
    with pytest.raises(ArgumentError, match="act_b has 1 entries for 2"):
        SeparableBottleneckBlock(**parts, conv_b=convs, norm_b=None, act_b=nn.ModuleList([nn.ReLU()]))


def test_a_bottleneck_needs_its_convolutions():
    with pytest.raises(ArgumentError, match="conv_a, conv_b and conv_c are all needed"):
        BottleneckBlock(conv_a=nn.Conv3d(1, 1, 1))


def test_a_subclass_stays_what_it_is():
    class Mine(BottleneckBlock):
        pass

    conv = nn.Conv3d(1, 1, 1)

    assert type(Mine(conv_a=conv, conv_b=conv, conv_c=conv)) is Mine
