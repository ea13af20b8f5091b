import pytest
import torch

import ptv_mvit
from ptv_cards.renamed_parameters import with_current_names
from tests.support import reference_models

NAMES = reference_models.published("ptv_mvit")


@pytest.mark.parametrize("name", NAMES)
def test_a_published_model_has_the_published_parameters(name):
    reference = reference_models.record("zoo", name)
    with torch.device("meta"):
        model = getattr(ptv_mvit, name)()

    state = {key: torch.empty(shape, device="meta") for key, shape in reference["state_dict"].items()}
    own = with_current_names(model, state)
    assert [(key, tensor.shape) for key, tensor in own.items()] == [(k, t.shape) for k, t in model.state_dict().items()]
    model.load_state_dict(state)
    assert reference["params"] == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_published_model_gives_the_published_output(name):
    reference = reference_models.record("zoo", name)

    reference_models.assert_same_output(name, getattr(ptv_mvit, name)(), reference)


def test_a_published_model_takes_another_number_of_classes():
    with torch.device("meta"):
        model = ptv_mvit.mvit_base_16(head_num_classes=7)

    assert model.head.proj.out_features == 7
