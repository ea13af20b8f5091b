import pytest
import torch
from torch import nn

from ptv_layers import make_multilayer_perceptron
from ptv_registry.errors import ArgumentError


def _kinds(mlp):
    return [type(module) for module in mlp]


@pytest.mark.parametrize("sequence", [list, tuple])
def test_defaults_are_relu_inside_and_at_the_end(sequence):
    mlp, output_dim = make_multilayer_perceptron(sequence([6, 5, 4, 3]))
    x = torch.randn(2, 6)

    y = torch.relu(mlp[4](torch.relu(mlp[2](torch.relu(mlp[0](x))))))

    assert output_dim == 3
    assert _kinds(mlp) == [nn.Linear, nn.ReLU] * 3
    torch.testing.assert_close(mlp(x), y)


def test_every_argument_has_an_effect():
    mlp, _ = make_multilayer_perceptron(
        [6, 5, 4], norm=nn.BatchNorm1d, mid_activation=nn.GELU, final_activation=nn.Sigmoid, dropout_rate=0.3
    )

    assert _kinds(mlp) == [nn.Linear, nn.BatchNorm1d, nn.GELU, nn.Linear, nn.Dropout, nn.Sigmoid]
    assert mlp[4].p == 0.3


def test_activations_may_be_left_out():
    mlp, _ = make_multilayer_perceptron([6, 5, 4], mid_activation=None, final_activation=None)

    assert _kinds(mlp) == [nn.Linear, nn.Linear]


def test_final_softmax_is_over_the_classes():
    mlp, _ = make_multilayer_perceptron([6, 4], final_activation=nn.Softmax)

    torch.testing.assert_close(mlp(torch.randn(2, 6)).sum(1), torch.ones(2))


@pytest.mark.parametrize("dims", [[], [3], [3, 0], [3, 2.0]])
def test_dimensions_are_checked(dims):
    with pytest.raises(ArgumentError, match="fully_connected_dims"):
        make_multilayer_perceptron(dims)
