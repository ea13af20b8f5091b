"""The layer mine, in the blocks of an X3D that learns."""

import torch
from torch import nn

import ptv_registry as ptv

NETWORK = "x3d(input_clip_length=4, input_crop_size=32, depth_factor=0.3, model_num_class=5)"


def test_mine_gates_the_channels_of_a_network_that_learns() -> None:
    model = ptv.build(NETWORK, set={"bottleneck": "x3d_bottleneck(squeeze_excitation=mine)"})
    mine = type(ptv.build("layer:mine"))
    scores = model(torch.rand(2, 3, 4, 32, 32))
    nn.functional.cross_entropy(scores, torch.tensor([0, 1])).backward()

    gates = [module for module in model.modules() if isinstance(module, mine)]
    assert gates
    assert all(parameter.grad is not None for gate in gates for parameter in gate.parameters())
