"""The outputs of pytorchvideo 0.1.5 on weights filled from their names (see ``reference_models``)."""

import pytest
import torch
from torch import nn

from ptv_multimodal import (
    LSTM,
    MaskedTemporalPooling,
    TransposeMultiheadAttention,
    TransposeTransformerEncoder,
    create_audio_visual_slowfast,
)
from tests.support.reference_models import clip, fill_

MASK = torch.tensor([[True, True, True, False], [True, True, True, True]])
LAYERS = [
    (MaskedTemporalPooling, ("max",), [1.221, -0.2373, 2.3452, 1.1649, 0.26371, 1.0716], 20.6577),
    (MaskedTemporalPooling, ("avg",), [0.97785, -1.3924, 0.71202, -0.25211, -0.27703, 0.064698], 9.09019),
    (MaskedTemporalPooling, ("sum",), [2.9336, -4.1772, 2.1361, -0.75633, -0.8311, 0.19409], 30.8865),
    (TransposeMultiheadAttention, (8, 2), [1.4071, -0.42814, 1.7623, 0.087177, 2.3933, -1.9108], 44.2537),
    (LSTM, (8, 3), [-0.012537, 0.29475, -0.01893, -0.12686, 0.27199, 0.0014385], 0.726503),
    (LSTM, (8, 3, 0.0, True), [-0.012537, 0.29475, -0.01893, -0.096038, -0.48698, 0.48355], 2.59738),
    (TransposeTransformerEncoder, (8, 2, 2), [0.93285, -0.55768, 0.46649, 2.0465, 0.022413, -1.2775], 11.9406),
]


@pytest.mark.parametrize(("layer", "arguments", "first", "total"), LAYERS)
def test_a_layer_gives_the_published_output(layer, arguments, first, total):
    output = fill_(layer(*arguments)).eval()(clip("sequence", 2, 4, 8), MASK)

    torch.testing.assert_close(torch.tensor(first), output.flatten()[:6], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(torch.tensor(total), output.abs().sum(), rtol=1e-4, atol=1e-4)


def test_audio_visual_slowfast_gives_the_published_scores():
    model = fill_(
        create_audio_visual_slowfast(stem_dim_outs=(16, 2, 8), model_num_class=5, head_pool=nn.AdaptiveAvgPool3d)
    )
    clips = [clip("av/0", 1, 3, 2, 32, 32), clip("av/1", 1, 3, 8, 32, 32), clip("av/2", 1, 1, 32, 1, 16)]

    with torch.no_grad():
        scores = model.eval()(clips)
    torch.testing.assert_close(
        torch.tensor([[3.36668, -23.1917, -7.92697, -6.29022, 12.9145]]), scores, rtol=1e-4, atol=1e-3
    )


def test_audio_visual_slowfast_has_as_many_parameters_as_published():
    with torch.device("meta"):
        model = create_audio_visual_slowfast()

    assert 42321800 == sum(parameter.numel() for parameter in model.parameters())
    assert 1071 == len(model.state_dict())
