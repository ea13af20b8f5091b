"""The fusion mine, after every stage of a SlowFast network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = (
    "slowfast(model_depth=18, model_num_class=5, slowfast_channel_reduction_ratio=4, stem_dim_outs=[8, 2], "
    "head_pool_kernel_sizes=[[2, 1, 1], [8, 1, 1]], fusion=mine)"
)


def test_mine_fuses_the_pathways_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK)
    scores = model([torch.rand(2, 3, 2, 32, 32), torch.rand(2, 3, 8, 32, 32)])
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()

    fusions = [module for module in model.modules() if hasattr(module, "from_fast")]
    assert 4 == len(fusions)
    assert all(parameter.grad is not None for fusion in fusions for parameter in fusion.parameters())
