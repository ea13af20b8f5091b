import pytest
import torch

from ptv_mvit import SpatioTemporalClsPositionalEncoding
from ptv_registry.errors import ArgumentError


@pytest.mark.parametrize("separate", [True, False])
@pytest.mark.parametrize("size", [(4, 16, 16), (8, 16, 16), (4, 24, 24), (2, 16, 40)])
def test_other_sizes_are_taken(small, size, separate):
    assert small(sep_pos_embed=separate)(torch.randn(1, 3, *size)).shape == (1, 5)


def test_turned_clips_get_the_turned_grid(small):
    """A clip of 16 x 32 pixels has as many patches as one of 32 x 16, but not the same grid."""
    model = small(spatial_size=(16, 32)).eval()
    clip = torch.randn(1, 3, 4, 32, 16)
    tokens = model.cls_positional_encoding(model.patch_embed(clip), [2, 8, 4])
    thw = [2, 8, 4]
    for block in model.blocks:
        tokens, thw = block(tokens, thw)

    assert thw == [2, 4, 2]
    assert torch.equal(model.head(model.norm_embed(tokens)), model(clip))


@pytest.mark.parametrize("separate", [True, False])
@pytest.mark.parametrize("has_cls", [True, False])
def test_the_own_grid_is_not_interpolated(separate, has_cls):
    encoding = SpatioTemporalClsPositionalEncoding(8, (2, 3, 4), sep_pos_embed=separate, has_cls=has_cls)
    tokens = torch.randn(1, 24, 8)

    assert torch.equal(encoding(tokens), encoding(tokens, [2, 3, 4]))


def test_the_encoding_adds_time_and_space():
    encoding = SpatioTemporalClsPositionalEncoding(8, (2, 3, 4), sep_pos_embed=True)
    out = encoding(torch.zeros(1, 24, 8))
    time, row, column = 1, 2, 3

    expected = encoding.pos_embed_temporal[0, time] + encoding.pos_embed_spatial[0, row * 4 + column]
    torch.testing.assert_close(expected, out[0, 1 + (time * 3 + row) * 4 + column])
    torch.testing.assert_close(encoding.cls_token[0, 0] + encoding.pos_embed_class[0, 0], out[0, 0])


@pytest.mark.parametrize("separate", [True, False])
def test_a_ramp_stays_a_ramp_when_it_is_interpolated(separate):
    encoding = SpatioTemporalClsPositionalEncoding(1, (4, 2, 2), sep_pos_embed=separate, has_cls=False)
    ramp = torch.arange(4.0)
    with torch.no_grad():
        if separate:
            encoding.pos_embed_spatial.zero_()
            encoding.pos_embed_temporal.copy_(ramp.reshape(1, 4, 1))
        else:
            encoding.pos_embed.copy_(ramp.repeat_interleave(4).reshape(1, 16, 1))
    out = encoding(torch.zeros(1, 32, 1), [8, 2, 2]).reshape(8, 4)

    torch.testing.assert_close((torch.arange(8.0) * 0.5 - 0.25).clamp(0, 3), out[:, 0])
    torch.testing.assert_close(out[:, 0], out[:, 3])


def test_a_wrong_number_of_tokens_is_an_error(small):
    model = small(enable_patch_embed=False, spatial_size=4, temporal_size=2)

    with pytest.raises(ArgumentError, match="got 30 tokens for a grid of 2 x 4 x 4 patches"):
        model(torch.randn(1, 30, 16))


def test_a_grid_needs_three_numbers():
    with pytest.raises(ArgumentError, match=r"\(T, H, W\)"):
        SpatioTemporalClsPositionalEncoding(8, (3, 4))
