import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_x3d import (
    ProjectedPool,
    create_x3d_bottleneck_block,
    create_x3d_head,
    create_x3d_res_block,
    create_x3d_res_stage,
    create_x3d_stem,
    round_repeats,
    round_width,
)

DIMS = {"dim_in": 8, "dim_inner": 16, "dim_out": 8}


def shape(module, *size):
    return tuple(module(torch.randn(*size)).shape)


def test_the_stem_filters_space_then_time_channel_by_channel():
    stem = create_x3d_stem(in_channels=3, out_channels=8)

    assert (2, 8, 4, 8, 8) == shape(stem, 2, 3, 4, 16, 16)
    assert ((1, 3, 3), 1) == (stem.conv.conv_t.kernel_size, stem.conv.conv_t.groups)
    assert ((5, 1, 1), 8) == (stem.conv.conv_xy.kernel_size, stem.conv.conv_xy.groups)


def test_the_bottleneck_filters_each_channel_by_itself_and_gates_before_the_inner_activation():
    block = create_x3d_bottleneck_block(**DIMS)

    assert (2, 8, 4, 4, 4) == shape(block, 2, 8, 4, 8, 8)
    assert 16 == block.conv_b.groups
    assert ["BatchNorm3d", "SqueezeExcitation"] == [type(part).__name__ for part in block.norm_b]
    assert "Swish" == type(block.act_b).__name__


def test_without_norms_and_gates_identities_keep_the_names():
    block = create_x3d_bottleneck_block(**DIMS, norm=None, se_ratio=0, activation=None, inner_act=None)

    assert ["Identity", "Identity"] == [type(part).__name__ for part in block.norm_b]
    assert ["conv_a.weight", "conv_b.weight", "conv_c.weight"] == list(block.state_dict())
    assert (1, 8, 2, 2, 2) == shape(block, 1, 8, 2, 4, 4)


def test_a_negative_gate_is_refused():
    with pytest.raises(ArgumentError, match=r"se_ratio is -0\.5"):
        create_x3d_bottleneck_block(**DIMS, se_ratio=-0.5)


@pytest.mark.parametrize(
    ("dim_out", "stride", "names"),
    [
        (8, (1, 1, 1), []),
        (8, (1, 2, 2), ["branch1_conv"]),
        (12, (1, 1, 1), ["branch1_conv", "branch1_norm"]),
        (12, (1, 2, 2), ["branch1_conv", "branch1_norm"]),
    ],
)
def test_the_shortcut_has_a_convolution_where_needed_and_a_norm_where_channels_change(dim_out, stride, names):
    block = create_x3d_res_block(dim_in=8, dim_inner=16, dim_out=dim_out, conv_stride=stride)

    assert names == [name for name in ("branch1_conv", "branch1_norm") if getattr(block, name) is not None]
    assert (1, dim_out, 2, 8 // stride[1], 8 // stride[1]) == shape(block, 1, 8, 2, 8, 8)


def test_a_block_whose_shortcut_needs_a_convolution_is_refused_without():
    with pytest.raises(ArgumentError, match="use_shortcut"):
        create_x3d_res_block(**DIMS, use_shortcut=False)


def test_epsilon_and_momentum_reach_every_norm_of_a_stage():
    stage = create_x3d_res_stage(depth=2, dim_in=4, dim_inner=16, dim_out=8, norm_eps=1e-3, norm_momentum=0.3)
    norms = [module for module in stage.modules() if isinstance(module, nn.BatchNorm3d)]

    assert 7 == len(norms)
    assert {(1e-3, 0.3)} == {(norm.eps, norm.momentum) for norm in norms}


def test_every_other_block_of_a_stage_has_a_gate():
    stage = create_x3d_res_stage(depth=4, **DIMS)
    gates = [type(block.branch2.norm_b[1]).__name__ for block in stage.res_blocks]

    assert ["SqueezeExcitation", "Identity", "SqueezeExcitation", "Identity"] == gates
    assert (1, 8, 2, 4, 4) == shape(stage, 1, 8, 2, 8, 8)


def test_a_stage_without_blocks_is_refused():
    with pytest.raises(ArgumentError, match="depth is 0"):
        create_x3d_res_stage(depth=0, **DIMS)


def small_head(**arguments):
    return create_x3d_head(dim_in=8, dim_inner=16, dim_out=32, num_classes=5, **arguments).eval()


def test_the_head_gives_probabilities_averaged_over_windows():
    scores = small_head(pool_kernel_size=(2, 3, 3))(torch.randn(2, 8, 3, 5, 4))

    assert (2, 5) == tuple(scores.shape)
    torch.testing.assert_close(torch.ones(2), scores.sum(dim=1))


def test_the_head_keeps_windows_apart_without_average():
    head = small_head(pool_kernel_size=(2, 3, 3), output_with_global_average=False)

    assert (1, 5, 2, 3, 2) == shape(head, 1, 8, 3, 5, 4)


def test_a_head_without_window_takes_every_size():
    head = small_head(pool_kernel_size=None)

    assert (1, 5) == shape(head, 1, 8, 1, 2, 9)


def test_a_head_takes_any_activation_and_no_norm():
    head = small_head(pool_kernel_size=(1, 1, 1), activation=nn.Tanh, norm=None, bn_lin5_on=True)

    assert [] == [module for module in head.modules() if isinstance(module, nn.BatchNorm3d)]
    assert 1 >= head(torch.randn(1, 8, 1, 2, 2)).abs().max()


def test_features_smaller_than_the_window_are_refused_with_the_way_out():
    with pytest.raises(ArgumentError, match=r"\(13, 5, 5\).*\(4, 14, 14\).*input_clip_length") as info:
        small_head()(torch.randn(1, 8, 4, 14, 14))

    assert isinstance(info.value, ValueError)


def test_a_projected_pool_needs_its_pool_and_convolutions():
    with pytest.raises(ArgumentError, match="pre_conv, pool and post_conv"):
        ProjectedPool(pre_conv=nn.Conv3d(1, 1, 1), pool=nn.AvgPool3d(1))


def test_a_projected_pool_runs_its_parts_in_order():
    pool = ProjectedPool(
        pre_conv=nn.Conv3d(2, 4, 1),
        pre_norm=nn.BatchNorm3d(4),
        pre_act=nn.ReLU(),
        pool=nn.AvgPool3d((1, 2, 2)),
        post_conv=nn.Conv3d(4, 3, 1),
        post_norm=nn.BatchNorm3d(3),
        post_act=nn.Tanh(),
    ).eval()
    x = torch.randn(1, 2, 1, 4, 4)
    expected = x
    for part in (pool.pre_conv, pool.pre_norm, pool.pre_act, pool.pool, pool.post_conv, pool.post_norm, pool.post_act):
        expected = part(expected)

    assert torch.equal(expected, pool(x))


@pytest.mark.parametrize(
    ("width", "multiplier", "expected"), [(12, 2.0, 24), (54, 0.0625, 8), (432, 0.0625, 32), (7, None, 7), (7, 0, 7)]
)
def test_widths_are_rounded_to_eights_but_lose_no_tenth(width, multiplier, expected):
    assert expected == round_width(width, multiplier)


@pytest.mark.parametrize(("repeats", "multiplier", "expected"), [(1, 2.2, 3), (5, 2.2, 11), (3, 5.0, 15), (3, None, 3)])
def test_repeats_are_rounded_up(repeats, multiplier, expected):
    assert expected == round_repeats(repeats, multiplier)
