"""The convolution mine, everywhere in a network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], conv=mine)"


def test_mine_is_every_convolution_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK)
    mine = type(ptv.build("conv:mine(in_channels=1, out_channels=1, kernel_size=3, stride=1, padding=1)"))
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()

    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv3d)]
    assert all(type(module) is mine for module in convolutions)
    assert all(module.weight.grad is not None for module in convolutions)
