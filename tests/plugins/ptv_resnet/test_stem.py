import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import (
    PatchEmbed,
    ResNetBasicStem,
    create_acoustic_res_basic_stem,
    create_conv_patch_embed,
    create_res_basic_stem,
)


def test_a_stem_is_convolution_norm_activation_and_pool_in_this_order():
    stem = create_res_basic_stem(in_channels=3, out_channels=4).eval()
    x = torch.randn(1, 3, 4, 16, 16)

    assert torch.equal(stem.pool(stem.activation(stem.norm(stem.conv(x)))), stem(x))
    assert (1, 4, 4, 4, 4) == tuple(stem(x).shape)


def test_a_stem_without_norm_activation_and_pool_is_its_convolution():
    stem = create_res_basic_stem(in_channels=3, out_channels=4, norm=None, activation=None, pool=None)
    x = torch.randn(1, 3, 4, 16, 16)

    assert torch.equal(stem.conv(x), stem(x))


def test_an_acoustic_stem_sums_a_temporal_and_a_spatial_convolution():
    stem = create_acoustic_res_basic_stem(
        in_channels=1, out_channels=4, conv_kernel_size=(9, 1, 5), conv_padding=(4, 0, 2), norm=None, pool=None
    )
    temporal, spatial = stem.conv.convs
    x = torch.randn(1, 1, 12, 1, 10)

    assert [(9, 1, 1), (1, 1, 5)] == [conv.kernel_size for conv in (temporal, spatial)]
    torch.testing.assert_close((temporal(x) + spatial(x)).relu(), stem(x))


def test_an_acoustic_stem_takes_its_convolutions_from_the_slot():
    made = []

    def conv(**arguments):
        made.append(arguments["kernel_size"])
        return nn.Conv3d(**arguments)

    create_acoustic_res_basic_stem(in_channels=1, out_channels=4, conv=conv)

    assert [(3, 1, 1), (1, 7, 7)] == made


@pytest.mark.parametrize(
    ("arguments", "x", "tokens"),
    [
        ({"conv_padding": (0, 7, 7)}, torch.randn(1, 3, 2, 32, 32), (1, 2 * 8 * 8, 8)),
        (
            {"conv": nn.Conv2d, "conv_kernel_size": (7, 7), "conv_stride": (4, 4), "conv_padding": (3, 3)},
            torch.randn(1, 3, 32, 32),
            (1, 8 * 8, 8),
        ),
    ],
    ids=["clip", "image"],
)
def test_a_patch_embedding_turns_positions_into_tokens(arguments, x, tokens):
    embed = create_conv_patch_embed(in_channels=3, out_channels=8, **arguments)

    assert tokens == tuple(embed(x).shape)
    assert torch.equal(embed.patch_model(x).flatten(2)[0, :, 9], embed(x)[0, 9])


def test_a_stem_needs_a_convolution():
    with pytest.raises(ArgumentError, match="conv is None"):
        ResNetBasicStem(norm=nn.BatchNorm3d(3))
    with pytest.raises(ArgumentError, match="patch_model is None"):
        PatchEmbed()
