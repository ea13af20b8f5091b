import torch
from torch import nn

import ptv_registry as ptv


def test_epsilon_reaches_the_norms_inside_filters():
    with torch.device("meta"):
        model = ptv.build("r2plus1d_18", norm_eps=1e-4)

    assert {1e-4} == {m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)}
