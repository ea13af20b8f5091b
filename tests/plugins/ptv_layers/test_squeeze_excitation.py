import pytest
import torch
from torch import nn

from ptv_layers import SqueezeAndExcitationLayer2D, SqueezeExcitation, create_audio_2d_squeeze_excitation_block
from ptv_registry.errors import ArgumentError
from tests.support import reference_models


def _excited(x, first, second):
    """Squeeze and excitation written out with matrices."""
    squeezed = x.flatten(2).mean(2)
    inside = torch.relu(squeezed @ first.weight.flatten(1).T + first.bias)
    gates = torch.sigmoid(inside @ second.weight.flatten(1).T + second.bias)
    return x * gates.reshape(*gates.shape, *[1] * (x.dim() - 2))


@pytest.mark.parametrize(("conv", "shape"), [(nn.Conv3d, (2, 8, 2, 3, 4)), (nn.Conv2d, (2, 8, 3, 4))])
def test_squeeze_excitation_scales_channels_by_gates(conv, shape):
    layer, x = SqueezeExcitation(8, 4, conv=conv), torch.randn(shape)

    torch.testing.assert_close(layer(x), _excited(x, layer.block[0], layer.block[2]))


def test_parameter_names_are_those_of_x3d():
    published = reference_models.record("zoo", "x3d_s")["state_dict"]
    prefix = "blocks.1.res_blocks.0.branch2.norm_b.1."
    expected = {name.removeprefix(prefix): tuple(s) for name, s in published.items() if name.startswith(prefix)}

    assert {name: tuple(t.shape) for name, t in SqueezeExcitation(54, 8).state_dict().items()} == expected


def test_the_reduced_number_or_a_ratio_sets_the_inner_channels():
    assert SqueezeExcitation(8).block[0].out_channels == 4
    assert SqueezeExcitation(8, reduction_ratio=4).block[0].out_channels == 2
    assert SqueezeExcitation(8, 3, reduction_ratio=4).block[0].out_channels == 3
    assert SqueezeAndExcitationLayer2D(32).excitation[0].out_channels == 2
    assert SqueezeAndExcitationLayer2D(32, 4).excitation[0].out_channels == 8
    assert SqueezeAndExcitationLayer2D(32, None, 5).excitation[0].out_channels == 5


def test_activation_and_convolution_come_from_slots():
    class Conv(nn.Conv3d):
        pass

    block = SqueezeExcitation(8, activation=nn.GELU, conv=Conv).block

    assert [type(module) for module in block] == [Conv, nn.GELU, Conv, nn.Sigmoid]


def test_layer_2d_scales_channels_by_gates():
    layer, x = SqueezeAndExcitationLayer2D(8, 2), torch.randn(2, 8, 3, 5)

    torch.testing.assert_close(layer(x), _excited(x, layer.excitation[0], layer.excitation[2]))


@pytest.mark.parametrize("arguments", [{"reduced_planes": 4}, {"reduction_ratio": None}, {"reduction_ratio": 64}])
def test_layer_2d_wants_exactly_one_sensible_reduction(arguments):
    with pytest.raises(ArgumentError, match="reduc"):
        SqueezeAndExcitationLayer2D(32, **arguments)


def test_audio_block_with_an_identity_shortcut():
    block, x = create_audio_2d_squeeze_excitation_block(8, 8).eval(), torch.randn(2, 8, 6, 5)

    torch.testing.assert_close(block(x), torch.relu(x + block.branch2(x)))
    assert block.branch1_conv is None
    assert block.branch1_norm is None
    assert [type(module) for module in block.branch2] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Conv2d, nn.BatchNorm2d]


@pytest.mark.parametrize(("dim_out", "strides"), [(16, (1, 1)), (8, (2, 1)), (8, ((1, 2), [2, 1]))])
def test_audio_block_projects_where_shapes_differ(dim_out, strides):
    block = create_audio_2d_squeeze_excitation_block(
        8, dim_out, conv_a_stride=strides[0], conv_b_stride=strides[1]
    ).eval()
    x = torch.randn(2, 8, 6, 5)

    projected = block.branch1_norm(block.branch1_conv(x))

    torch.testing.assert_close(block(x), torch.relu(projected + block.branch2(x)))


def test_every_argument_of_the_audio_block_has_an_effect():
    class Conv(nn.Conv2d):
        pass

    block = create_audio_2d_squeeze_excitation_block(
        8,
        16,
        use_se=True,
        se_reduction_ratio=4,
        branch_fusion=torch.mul,
        conv_a_kernel_size=(3, 1),
        conv_a_padding=(1, 0),
        conv_b_kernel_size=5,
        conv_b_padding=2,
        norm_eps=0.3,
        norm_momentum=0.6,
        activation=nn.Sigmoid,
        conv=Conv,
    ).eval()
    x = torch.randn(2, 8, 6, 5)

    torch.testing.assert_close(block(x), torch.sigmoid(block.branch1_norm(block.branch1_conv(x)) * block.branch2(x)))
    assert (block.branch2[0].kernel_size, block.branch2[3].kernel_size) == ((3, 1), (5, 5))
    assert {(n.eps, n.momentum) for n in (block.branch2[1], block.branch2[4], block.branch1_norm)} == {(0.3, 0.6)}
    assert block.branch2[5].excitation[0].out_channels == 4
    assert all(type(conv) is Conv for conv in (block.branch2[0], block.branch2[3], block.branch1_conv))


def test_audio_block_works_without_norm_and_activation():
    block, x = create_audio_2d_squeeze_excitation_block(8, 16, norm=None, activation=None), torch.randn(2, 8, 6, 5)

    torch.testing.assert_close(block(x), block.branch1_conv(x) + block.branch2[3](block.branch2[0](x)))


def test_audio_block_refuses_a_triple():
    with pytest.raises(ArgumentError, match="two integers"):
        create_audio_2d_squeeze_excitation_block(8, 8, conv_a_stride=(1, 1, 1))
