"""The block mine, in every stage of a network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], bottleneck=mine)"


def test_mine_is_the_branch_of_every_block_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK)
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()

    branches = [module.branch2 for module in model.modules() if hasattr(module, "branch2")]
    assert 4 == len(branches)
    assert all(isinstance(branch[0], nn.BatchNorm3d) for branch in branches)
    assert all(parameter.grad is not None for branch in branches for parameter in branch.parameters())
