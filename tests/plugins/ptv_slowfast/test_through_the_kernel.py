import torch
from torch import nn

import ptv_registry as ptv

SMALL = "slowfast(model_depth=18, stem_dim_outs=[16, 2], model_num_class=5, head_pool=adaptive_avg)"
CLIPS = [torch.randn(2, 3, 2, 64, 64), torch.randn(2, 3, 8, 64, 64)]


def test_one_stem_by_name_serves_both_pathways():
    model = ptv.build(SMALL, stem="res_basic(pool=none)", norm="group(num_groups=2)")

    assert [None, None] == [stem.pool for stem in model.blocks[0].multipathway_blocks]
    assert (2, 5) == tuple(model(CLIPS).shape)
    assert not any(isinstance(module, nn.BatchNorm3d) for module in model.modules())


def test_a_list_gives_each_pathway_its_stem():
    model = ptv.build(SMALL, stem_function=["res_basic", "res_basic(norm=none)"])

    assert [False, True] == [stem.norm is None for stem in model.blocks[0].multipathway_blocks]


def test_a_fusion_by_name_takes_its_own_arguments():
    model = ptv.build(SMALL, fusion="fast_to_slow(conv_kernel_size=[3, 1, 1], norm=none)")
    fusion = model.blocks[1].multipathway_fusion

    assert ((3, 1, 1), None) == (fusion.conv_fast_to_slow.kernel_size, fusion.norm)


def test_no_fusion_can_be_asked_for():
    model = ptv.build(SMALL, fusion="none")

    assert (2, 5) == tuple(model(CLIPS).shape)
