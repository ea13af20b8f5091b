import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_resnet import ResNetBasicHead, create_res_basic_head


def head(**arguments):
    return create_res_basic_head(in_features=4, out_features=3, **arguments).eval()


def test_a_head_pools_projects_and_averages():
    model = head(pool_kernel_size=(2, 2, 2))
    x = torch.randn(2, 4, 2, 3, 3)
    pooled = nn.functional.avg_pool3d(x, (2, 2, 2), stride=1)

    torch.testing.assert_close(model.proj(pooled.mean((2, 3, 4))), model(x))


def test_without_average_scores_keep_their_positions():
    assert (2, 3, 1, 2, 2) == tuple(
        head(pool_kernel_size=(2, 2, 2), output_with_global_average=False)(torch.randn(2, 4, 2, 3, 3)).shape
    )


def test_an_adaptive_pool_takes_every_size():
    model = head(pool=nn.AdaptiveAvgPool3d, output_size=(1, 2, 2), output_with_global_average=False)

    assert [(1, 3, 1, 2, 2)] * 2 == [tuple(model(torch.randn(1, 4, t, 5, 5)).shape) for t in (1, 7)]


@pytest.mark.parametrize("pool", [None, nn.MaxPool3d])
def test_no_pool_and_other_pools_work(pool):
    model = head(pool=pool, pool_kernel_size=(2, 2, 2))

    assert (1, 3) == tuple(model(torch.randn(1, 4, 2, 3, 3)).shape)


def test_a_softmax_is_over_classes():
    scores = head(pool=None, activation=nn.Softmax)(torch.randn(2, 4, 1, 1, 1))

    torch.testing.assert_close(torch.ones(2), scores.sum(dim=1))


def test_features_smaller_than_the_window_are_refused_with_a_way_out():
    with pytest.raises(ArgumentError, match=r"\(8, 7, 7\), but its input is \(4, 7, 7\).*AdaptiveAvgPool3d"):
        head(pool_kernel_size=(8, 7, 7))(torch.randn(1, 4, 4, 7, 7))


def test_padding_counts_towards_the_window():
    window = {"pool_kernel_size": (3, 2, 2), "pool_padding": (1, 0, 0)}
    x = torch.randn(1, 4, 1, 2, 2)

    assert (1, 3) == tuple(head(pool=nn.MaxPool3d, **window)(x).shape)
    with pytest.raises(ArgumentError, match="windows"):
        head(pool=nn.AvgPool3d, **window)(x)


def test_a_dropout_rate_that_is_no_probability_is_refused():
    with pytest.raises(ArgumentError, match="dropout_rate is 50"):
        head(dropout_rate=50)


def test_a_rate_of_zero_makes_no_dropout():
    assert head(dropout_rate=0).dropout is None


def test_a_head_needs_a_projection():
    with pytest.raises(ArgumentError, match="proj is None"):
        ResNetBasicHead()


def test_a_subclass_of_the_head_stays_what_it_is():
    class Mine(ResNetBasicHead):
        def forward(self, x):
            return "mine"

    assert "mine" == Mine(proj=nn.Linear(1, 1))(None)
