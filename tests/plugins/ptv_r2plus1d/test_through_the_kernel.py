import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError

MODELS = ["r2plus1d(model_depth=18, stem_dim_out=8)", "r2plus1d_r50"]


def test_epsilon_reaches_every_norm():
    model = ptv.build(MODELS[0], norm_eps=1e-3)

    assert {1e-3} == {m.eps for m in model.modules() if isinstance(m, nn.BatchNorm3d)}


def test_arguments_of_the_published_model_are_replaced_not_collided_with():
    with torch.device("meta"):
        model = ptv.build("r2plus1d_r50(model_depth=101, dropout_rate=0, head_activation=none)")

    assert 23 == len(model.blocks[3].res_blocks)
    assert (None, None) == (model.blocks[-1].dropout, model.blocks[-1].activation)


def test_a_list_that_is_too_short_is_refused():
    with pytest.raises(ArgumentError, match="list of 4"):
        ptv.build("r2plus1d(stage_bottleneck=[bottleneck, bottleneck])")
