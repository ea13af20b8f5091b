import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError

MODELS = ["csn(model_depth=18, stem_dim_out=8)", "csn_r101"]


def test_a_pool_does_not_fill_a_place_that_has_none():
    model = ptv.build(MODELS[0], pool="max")

    assert model.blocks[0].pool is None
    assert isinstance(model.blocks[-1].pool, nn.MaxPool3d)


def test_arguments_of_the_published_model_are_replaced_not_collided_with():
    with torch.device("meta"):
        model = ptv.build("csn_r101(model_depth=50, stem_pool=none, head_pool_kernel_size=[2, 7, 7])")

    assert 6 == len(model.blocks[3].res_blocks)
    assert model.blocks[0].pool is None
    assert (2, 7, 7) == model.blocks[-1].pool.kernel_size


def test_a_misspelt_argument_is_refused():
    with pytest.raises(ArgumentError, match="bottleneck_ratio"):
        ptv.build("csn(bottleneck_rate=8)")
