"""The norm mine, everywhere in a network that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], norm=mine)"


def test_mine_is_every_norm_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()
    optimizer.step()

    assert not any(isinstance(module, nn.BatchNorm3d) for module in model.modules())
    assert any(
        not torch.equal(before[name], parameter) for name, parameter in model.named_parameters() if "norm" in name
    )
