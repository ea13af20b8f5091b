import pytest
import torch
from torch import nn

from ptv_layers import (
    ChannelLayerNorm,
    DropPath,
    Softmax,
    Swish,
    SwishFunction,
    create_adaptive_avg_pool,
    create_group_norm,
    make_activation,
)
from ptv_registry.errors import ArgumentError


def test_group_norm_normalizes_each_group_of_channels():
    norm, x = create_group_norm(6, num_groups=3, eps=0.1), torch.randn(2, 6, 2, 3, 3)

    grouped = x.reshape(2, 3, -1)
    expected = (grouped - grouped.mean(2, keepdim=True)) / (grouped.var(2, unbiased=False, keepdim=True) + 0.1).sqrt()

    torch.testing.assert_close(norm(x), expected.reshape(x.shape))
    assert create_group_norm(6, 3, affine=False).weight is None


@pytest.mark.parametrize(("channels", "groups"), [(64, 32), (8, 8), (54, 27), (37, 1), (48, 24)])
def test_the_number_of_groups_is_chosen_to_divide_the_channels(channels, groups):
    assert create_group_norm(num_features=channels).num_groups == groups


@pytest.mark.parametrize(("channels", "groups"), [(24, 32), (54, 8), (8, 0)])
def test_groups_that_do_not_divide_the_channels_are_refused_with_a_divisor(channels, groups):
    with pytest.raises(ArgumentError, match=f"{channels} channels .* num_groups={groups}; give a divisor such as"):
        create_group_norm(channels, groups)


def test_channel_layer_norm_normalizes_the_channels_of_each_position():
    norm, x = ChannelLayerNorm(5, eps=0.1), torch.randn(2, 5, 2, 3, 4)
    norm.weight.data.normal_()
    norm.bias.data.normal_()

    expected = (x - x.mean(1, keepdim=True)) / (x.var(1, unbiased=False, keepdim=True) + 0.1).sqrt()
    expected = expected * norm.weight.view(-1, 1, 1, 1) + norm.bias.view(-1, 1, 1, 1)

    torch.testing.assert_close(norm(x), expected)
    assert ChannelLayerNorm(5, affine=False).weight is None


def test_swish_and_its_gradient():
    x = torch.randn(3, 4, dtype=torch.double, requires_grad=True)

    torch.testing.assert_close(Swish()(x), x * torch.sigmoid(x))
    torch.testing.assert_close(SwishFunction.apply(x), x * torch.sigmoid(x))
    assert torch.autograd.gradcheck(Swish(), x)
    assert torch.autograd.gradcheck(SwishFunction.apply, x)


def test_softmax_is_over_dimension_one_unless_told_otherwise():
    x = torch.randn(2, 5, 2, 3, 3)

    torch.testing.assert_close(Softmax()(x), torch.softmax(x, 1))
    torch.testing.assert_close(Softmax(dim=-1)(x), torch.softmax(x, -1))


def test_make_activation_knows_none_and_gives_softmax_its_dimension():
    assert make_activation(None) is None
    assert isinstance(make_activation(nn.ReLU), nn.ReLU)
    assert make_activation(nn.Softmax).dim == 1


def test_adaptive_pool_stands_where_a_window_is_given():
    x = torch.randn(2, 3, 4, 6, 6)
    pool = create_adaptive_avg_pool(kernel_size=(9, 9, 9), stride=1, padding=0)

    torch.testing.assert_close(pool(x), x.mean((2, 3, 4), keepdim=True))
    assert create_adaptive_avg_pool([1, 2, 3])(x).shape == (2, 3, 1, 2, 3)


def test_drop_path_drops_whole_samples_and_keeps_the_expectation():
    torch.manual_seed(0)
    factors = DropPath(0.25)(torch.ones(2000, 3, 2))

    assert torch.equal(factors, factors[:, :1, :1].expand_as(factors))
    torch.testing.assert_close(factors[:, 0, 0].unique(), torch.tensor([0, 1 / 0.75]))
    assert factors.mean().item() == pytest.approx(1, abs=0.05)


def test_drop_path_leaves_evaluation_alone():
    x = torch.randn(4, 3)

    assert torch.equal(DropPath(0.9).eval()(x), x)
    assert torch.equal(DropPath()(x), x)
    assert torch.equal(DropPath(1.0)(x), torch.zeros(4, 3))
    with pytest.raises(ArgumentError, match=r"drop_prob=1\.5"):
        DropPath(1.5)
