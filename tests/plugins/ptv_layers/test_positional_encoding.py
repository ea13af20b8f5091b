import math

import pytest
import torch

from ptv_layers import PositionalEncoding, SpatioTemporalClsPositionalEncoding
from ptv_registry.errors import ArgumentError
from tests.support import reference_models


@pytest.mark.parametrize("embed_dim", [6, 5])
def test_sines_and_cosines_of_the_paper_are_added(embed_dim):
    encoding = PositionalEncoding(embed_dim, seq_len=9)
    x = torch.randn(2, 7, embed_dim)

    added = encoding(x) - x

    for position in range(7):
        for index in range(embed_dim):
            angle = position / 10000 ** ((index - index % 2) / embed_dim)
            expected = math.cos(angle) if index % 2 else math.sin(angle)
            assert added[:, position, index].tolist() == pytest.approx([expected] * 2, abs=1e-5)


def test_a_sequence_that_is_too_long_is_refused():
    with pytest.raises(ArgumentError, match="1025 tokens"):
        PositionalEncoding(4)(torch.zeros(1, 1025, 4))


def test_half_precision_stays_half_precision():
    assert PositionalEncoding(4)(torch.zeros(1, 3, 4, dtype=torch.bfloat16)).dtype == torch.bfloat16


def _filled(**arguments):
    encoding = SpatioTemporalClsPositionalEncoding(embed_dim=4, patch_embed_shape=(2, 3, 5), **arguments)
    for parameter in encoding.parameters():
        parameter.data.normal_()
    return encoding


@pytest.mark.parametrize("sep_pos_embed", [True, False])
@pytest.mark.parametrize("has_cls", [True, False])
def test_each_token_gets_the_encoding_of_its_time_and_place(sep_pos_embed, has_cls):
    encoding, x = _filled(sep_pos_embed=sep_pos_embed, has_cls=has_cls), torch.randn(2, 30, 4)

    y = encoding(x)

    first = int(has_cls)
    assert y.shape == (2, 30 + first, 4)
    for t in range(2):
        for place in range(15):
            token = t * 15 + place
            if sep_pos_embed:
                added = encoding.pos_embed_spatial[0, place] + encoding.pos_embed_temporal[0, t]
            else:
                added = encoding.pos_embed[0, first + token]
            torch.testing.assert_close(y[:, first + token], x[:, token] + added)
    if has_cls:
        position = encoding.pos_embed_class if sep_pos_embed else encoding.pos_embed[:, :1]
        torch.testing.assert_close(y[:, :1], (encoding.cls_token + position).expand(2, -1, -1))


def test_parameter_names_are_those_of_mvit():
    published = reference_models.record("zoo", "mvit_base_16x4")["state_dict"]
    prefix = "cls_positional_encoding."
    expected = [(n.removeprefix(prefix), tuple(s)) for n, s in published.items() if n.startswith(prefix)]

    encoding = SpatioTemporalClsPositionalEncoding(96, (8, 56, 56), sep_pos_embed=True)

    assert [(name, tuple(t.shape)) for name, t in encoding.state_dict().items()] == expected


@pytest.mark.parametrize("shape", [(2, 3, 5), [2, 3, 5]])
def test_the_patches_are_told(shape):
    assert SpatioTemporalClsPositionalEncoding(4, shape).patch_embed_shape() == [2, 3, 5]


def test_a_clip_of_another_size_is_refused():
    with pytest.raises(ArgumentError, match="31 tokens for a grid of 2 x 3 x 5 patches"):
        _filled()(torch.zeros(1, 31, 4))
    with pytest.raises(ArgumentError, match="patch_embed_shape"):
        SpatioTemporalClsPositionalEncoding(4, (2, 3))
