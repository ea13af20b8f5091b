"""The stem mine, in a network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], stem=mine)"


def test_mine_is_the_stem_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK, norm="group(num_groups=2)")
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()
    stem = model.blocks[0]

    assert isinstance(stem, nn.Sequential)
    assert all(parameter.grad is not None for parameter in stem.parameters())
    assert any(isinstance(module, nn.GroupNorm) for module in stem)
