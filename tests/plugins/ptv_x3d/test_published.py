import pytest
import torch

import ptv_x3d
from tests.support import reference_models

each_published = pytest.mark.parametrize("name", reference_models.published("ptv_x3d"))


@each_published
def test_names_shapes_and_order_of_the_parameters_are_the_published_ones(name):
    with torch.device("meta"):
        model = getattr(ptv_x3d, name)()

    reference_models.assert_same_state_dict(model, reference_models.record("zoo", name))


@pytest.mark.slow
@each_published
def test_outputs_are_the_published_ones(name):
    reference_models.assert_same_output(name, getattr(ptv_x3d, name)(), reference_models.record("zoo", name))
