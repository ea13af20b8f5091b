import pytest
import torch

import ptv_slowfast
from ptv_slowfast import slowfast_r50
from tests.support import reference_models

PUBLISHED = [getattr(ptv_slowfast, name) for name in reference_models.published("ptv_slowfast")]
each_published = pytest.mark.parametrize("build", PUBLISHED, ids=lambda build: build.__name__)


@each_published
def test_names_shapes_and_order_of_the_parameters_are_the_published_ones(build):
    with torch.device("meta"):
        model = build()

    reference_models.assert_same_state_dict(model, reference_models.record("zoo", build.__name__))


@pytest.mark.slow
@each_published
def test_outputs_are_the_published_ones(build):
    reference_models.assert_same_output(build.__name__, build(), reference_models.record("zoo", build.__name__))


@each_published
def test_the_number_of_classes_changes_nothing_but_the_head(build):
    with torch.device("meta"):
        usual, other = build().state_dict(), build(model_num_class=7).state_dict()

    assert [name for name in usual if usual[name].shape != other[name].shape] == [
        name for name in usual if name.endswith(("proj.weight", "proj.bias"))
    ]


def test_every_argument_of_the_builder_may_be_given_anew():
    with torch.device("meta"):
        model = slowfast_r50(stem_dim_outs=(32, 4), stage_spatial_strides=((1, 2, 2, 1), (1, 2, 2, 1)))

    assert tuple(model.blocks[0].multipathway_blocks[0].conv.weight.shape) == (32, 3, 1, 7, 7)
