"""The pool mine, in the stem of a network and before its head."""

import torch

import ptv_registry as ptv

NETWORK = "resnet(model_depth=18, stem_dim_out=8, model_num_class=5, head_pool_kernel_size=[4, 1, 1], pool=mine)"


def test_mine_is_every_pool_of_a_network() -> None:
    model = ptv.build(NETWORK)
    mine = type(ptv.build("pool:mine(kernel_size=[1, 2, 2], stride=[1, 2, 2], padding=0)"))
    scores = model(torch.rand(2, 3, 4, 32, 32))

    assert (2, 5) == tuple(scores.shape)
    assert 2 == sum(type(module) is mine for module in model.modules())
