"""The layers as components: what a spec says reaches the parts."""

import pytest
import torch
from torch import nn

import ptv_layers
import ptv_registry as ptv


def _types(module, *families):
    return {type(part) for part in module.modules() if isinstance(part, families)}


def test_norm_conv_and_pool_of_a_nonlocal_block_are_inherited():
    block = ptv.build("layer:nonlocal(dim_in=4, dim_inner=8, pool_size=2, norm=group(num_groups=2), pool=avg)")

    assert block.norm.num_groups == 2
    assert isinstance(block.pool, nn.AvgPool3d)
    assert block(torch.randn(1, 4, 2, 6, 6)).shape == (1, 4, 2, 6, 6)


def test_an_activation_reaches_the_excitation_of_the_audio_block():
    block = ptv.build("block:audio_2d_squeeze_excitation(dim_in=16, dim_out=32, use_se=true, activation=gelu)")

    assert _types(block, nn.ReLU, nn.GELU) == {nn.GELU}
    assert block(torch.randn(2, 16, 6, 5)).shape == (2, 32, 6, 5)


def test_norm_and_activation_of_conv_2plus1d_are_slots():
    conv = ptv.build("conv:conv2plus1d(in_channels=4, out_channels=4, norm=layer, activation=swish)")

    assert isinstance(conv.norm, ptv_layers.ChannelLayerNorm)
    assert isinstance(conv.activation, ptv_layers.Swish)


def test_conv_2plus1d_takes_no_conv_of_its_own():
    # Otherwise a model with conv=conv2plus1d would factorize its factors without end.
    conv = ptv.build("layer:nonlocal(dim_in=4, dim_inner=8, conv=conv2plus1d)").conv_theta

    assert _types(conv, nn.Conv3d) == {nn.Conv3d}


def test_convolutions_of_a_spec_are_lists():
    conv = ptv.build(
        "conv:conv_reduce(in_channels=4, out_channels=4, kernel_size=[[1, 3, 3], [3, 1, 1]], padding=[[0, 1, 1], [1, 0, 0]])"
    )

    assert [part.kernel_size for part in conv.convs] == [(1, 3, 3), (3, 1, 1)]


@pytest.mark.parametrize(
    "spec",
    [
        "layer:nonlocal(dim_in=4, dim_inner=2, instantiation=dot_product)",
        "layer:squeeze_excitation(num_channels=4, activation=swish)",
        "layer:spatio_temporal_cls_positional_encoding(embed_dim=4, patch_embed_shape=[1, 2, 3])",
        "fusion:reduce(feature_dims=[2, 2], reduce_fn=prod)",
        "block:audio_2d_squeeze_excitation(dim_in=16, dim_out=32, use_se=true)",
        "conv:conv_reduce(in_channels=4, out_channels=4, kernel_size=[[1, 3, 3], [3, 1, 1]])",
    ],
)
def test_a_lock_builds_the_same_again(spec):
    built = ptv.build(spec)

    again = ptv.build(ptv.freeze(built))

    assert [(n, t.shape) for n, t in again.state_dict().items()] == [
        (n, t.shape) for n, t in built.state_dict().items()
    ]
    assert repr(again) == repr(built)
