"""The stage mine, four times in a network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], stage=mine)"


def test_mine_is_every_stage_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK)
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()

    stages = list(model.blocks)[1:5]
    assert all(isinstance(stage, nn.Sequential) and hasattr(stage[0], "weight") for stage in stages)
    assert all(stage[0].weight.grad is not None for stage in stages)
