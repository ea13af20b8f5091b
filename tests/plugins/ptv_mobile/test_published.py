import pytest
import torch

import ptv_mobile
from tests.support import reference_models as reference

MODELS = {name: getattr(ptv_mobile, name) for name in reference.published("ptv_mobile")}


@pytest.mark.parametrize("name", MODELS)
def test_names_shapes_and_order_of_the_parameters_are_the_published_ones(name):
    with torch.device("meta"):
        model = MODELS[name]()

    reference.assert_same_state_dict(model, reference.record("zoo", name))


@pytest.mark.parametrize("name", MODELS)
def test_the_output_is_the_published_one_before_and_after_conversion(name):
    record = reference.record("zoo", name)
    model = MODELS[name]()
    reference.assert_same_output(name, model, record)
    clips = reference.inputs(name, record)[0]
    converted, report = ptv_mobile.convert_and_compare(model, clips)
    head = torch.tensor(record["output_head"])
    with torch.no_grad():
        scores = converted(clips)

    assert not any(isinstance(module, torch.nn.Conv3d | torch.nn.BatchNorm3d) for module in converted.modules())
    assert report.left == {}
    assert report.largest_difference <= 1e-4
    assert (scores[0, : len(head)] - head).abs().max() <= 1e-4 * scores.abs().max()


def test_they_say_what_clips_they_take():
    assert [(4, 12, 160), (13, 6, 160)] == [
        (m.clip_input.num_frames, m.clip_input.sampling_rate, m.clip_input.crop) for m in MODELS.values()
    ]
