import json

import pytest
import torch

import ptv_registry
from ptv_registry.errors import PtvError


def test_the_lock_of_a_model_says_how_many_parameters_it_had() -> None:
    with torch.device("meta"):
        model = ptv_registry.build("slow_r50")
    records = json.loads(ptv_registry.freeze(model))["after_build"]

    assert [{"parameters": sum(p.numel() for p in model.parameters())}] == list(records.values())


@pytest.mark.parametrize("argument", ["model_num_class=0", "input_channel=-1", "input_crop_size=0"])
def test_a_count_below_one_is_refused_by_its_role(argument):
    with pytest.raises(PtvError, match=argument):
        ptv_registry.build(f"x3d({argument})")
