import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError


def test_what_a_spec_gives_a_stem_beats_what_the_model_passes():
    model = ptv.build("resnet(stem=res_basic(pool=none, norm=group(num_groups=2)), model_depth=18, stem_dim_out=8)")

    assert model.blocks[0].pool is None
    assert isinstance(model.blocks[0].norm, nn.GroupNorm)
    assert isinstance(model.blocks[1].res_blocks[0].branch1_norm, nn.BatchNorm3d)


def test_one_bottleneck_serves_all_stages_and_a_list_serves_each():
    small = "resnet(model_depth=18, stem_dim_out=8, bottleneck={})"
    one = ptv.build(small.format("acoustic_bottleneck"))
    each = ptv.build(small.format("[bottleneck, bottleneck, bottleneck, acoustic_bottleneck]"))

    def separable(model):
        return [type(stage.res_blocks[0].branch2).__name__[0] for stage in model.blocks[1:5]]

    assert ["S", "S", "S", "S"] == separable(one)
    assert ["B", "B", "B", "S"] == separable(each)


def test_lists_of_a_spec_are_as_good_as_tuples():
    model = ptv.build(
        "resnet(model_depth=50, stem_dim_out=8, norm=none, stage_conv_a_kernel_size="
        "[[1, 1, 1], [[3, 1, 1], [1, 1, 1]], [3, 1, 1], [3, 1, 1]])"
    )

    assert [3, 1, 3, 1] == [block.branch2.conv_a.kernel_size[0] for block in model.blocks[2].res_blocks]


def test_an_adaptive_pool_by_name_takes_every_size():
    model = ptv.build("resnet(model_depth=18, stem_dim_out=8, head_pool=adaptive_avg, model_num_class=5)")

    assert (1, 5) == tuple(model(torch.randn(1, 3, 2, 40, 72)).shape)


def test_a_softmax_by_name_is_over_classes():
    model = ptv.build("resnet(model_depth=18, stem_dim_out=8, head_pool=none, head_activation=softmax)").eval()

    torch.testing.assert_close(torch.ones(1), model(torch.randn(1, 3, 1, 32, 32)).sum(dim=1))


def test_a_misspelt_argument_is_refused():
    with pytest.raises(ArgumentError, match="model_num_class"):
        ptv.build("resnet(model_num_classes=7)")
