import operator

import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import ResBlock, create_bottleneck_block, create_res_block, create_res_stage

SAME = {
    "dim_in": 4,
    "dim_inner": 2,
    "dim_out": 4,
    "bottleneck": create_bottleneck_block,
    "conv_a_stride": (1, 1, 1),
    "conv_b_stride": (1, 1, 1),
}
X = torch.randn(1, 4, 4, 8, 8)


def test_a_fresh_block_is_its_shortcut():
    block = create_res_block(**SAME).eval()

    assert block.branch1_conv is None
    assert torch.equal(X.relu(), block(X))


@pytest.mark.parametrize("change", [{"dim_out": 6}, {"conv_b_stride": (1, 2, 2)}, {"use_shortcut": True}], ids=str)
def test_the_shortcut_is_convolved_where_it_must_or_shall_be(change):
    block = create_res_block(**{**SAME, **change}).eval()

    assert torch.equal(block.branch1_norm(block.branch1_conv(X)).relu(), block(X))


@pytest.mark.parametrize("use_shortcut", [False, True])
def test_a_block_works_without_norm(use_shortcut):
    block = create_res_block(**{**SAME, "dim_out": 6}, norm=None, use_shortcut=use_shortcut)

    assert (1, 6, 4, 8, 8) == tuple(block(X).shape)
    assert not any(isinstance(module, nn.BatchNorm3d) for module in block.modules())


def test_another_fusion_joins_shortcut_and_branch_in_this_order():
    block = create_res_block(**SAME, branch_fusion=operator.sub, activation_block=None)
    nn.init.ones_(block.branch2.norm_c.weight)
    block.eval()

    assert torch.equal(X - block.branch2(X), block(X))


def test_a_block_needs_a_branch():
    with pytest.raises(ArgumentError, match="branch2 is None"):
        ResBlock()


def test_only_the_first_block_of_a_stage_has_strides_and_new_channels():
    stage = create_res_stage(**{**SAME, "dim_out": 8, "conv_a_stride": (2, 1, 1), "conv_b_stride": (1, 2, 2)}, depth=3)

    assert (1, 8, 2, 4, 4) == tuple(stage(X).shape)
    assert [True, False, False] == [block.branch1_conv is not None for block in stage.res_blocks]


@pytest.mark.parametrize("kind", [tuple, list])
def test_blocks_take_kernel_sizes_in_turn_whether_lists_or_tuples(kind):
    sizes = kind([kind([3, 1, 1]), kind([1, 1, 1])])
    padding = kind([kind([1, 0, 0]), kind([0, 0, 0])])
    stage = create_res_stage(**SAME, depth=3, conv_a_kernel_size=sizes, conv_a_padding=padding)

    assert [(3, 1, 1), (1, 1, 1), (3, 1, 1)] == [b.branch2.conv_a.kernel_size for b in stage.res_blocks]
    assert tuple(X.shape) == tuple(stage(X).shape)


def test_a_stage_works_without_norm():
    stage = create_res_stage(**{**SAME, "dim_out": 8}, depth=2, norm=None)

    assert (1, 8, 4, 8, 8) == tuple(stage(X).shape)


def test_a_stage_has_at_least_one_block():
    with pytest.raises(ArgumentError, match="depth is 0"):
        create_res_stage(**SAME, depth=0)
