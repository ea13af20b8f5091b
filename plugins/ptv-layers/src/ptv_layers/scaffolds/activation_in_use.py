"""The activation mine, everywhere in a network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1])"


def test_mine_is_every_activation_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK, activation="mine(limit=2.0)")
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()

    assert not any(isinstance(module, nn.ReLU) for module in model.modules())
    assert any(getattr(module, "limit", None) == 2.0 for module in model.modules())
    assert all(parameter.grad is not None for parameter in model.parameters())
