"""The head mine, on a network that learns to classify."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], dropout_rate=0.0, head=mine)"


def test_mine_classifies() -> None:
    torch.manual_seed(0)
    model = ptv.build(NETWORK)
    optimizer = torch.optim.Adam(model.blocks[-1].parameters(), lr=0.05)
    clips, labels = torch.rand(4, 3, 4, 32, 32), torch.tensor([0, 1, 2, 3])
    for _ in range(40):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(clips), labels).backward()
        optimizer.step()

    assert labels.tolist() == model(clips).argmax(1).tolist()
