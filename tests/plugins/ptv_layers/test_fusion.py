import pytest
import torch

from ptv_layers import ConcatFusion, ReduceFusion, TemporalConcatFusion, make_fusion_layer
from ptv_registry.errors import ArgumentError


def test_concat_joins_the_last_dimension():
    inputs = [torch.randn(2, 3, 4), torch.randn(2, 3, 5)]
    fusion = make_fusion_layer("concat", [4, 5])

    assert isinstance(fusion, ConcatFusion)
    assert fusion.output_dim == 9
    assert torch.equal(fusion(inputs), torch.cat(inputs, dim=2))


def test_temporal_concat_joins_the_sequences():
    inputs = [torch.randn(2, 3, 4), torch.randn(2, 5, 4)]
    fusion = make_fusion_layer("temporal_concat", [4, 4])

    assert isinstance(fusion, TemporalConcatFusion)
    assert fusion.output_dim == 4
    assert torch.equal(fusion(inputs), torch.cat(inputs, dim=1))


@pytest.mark.parametrize(
    ("method", "reduce"),
    [
        ("max", lambda a, b, c: a.maximum(b).maximum(c)),
        ("sum", lambda a, b, c: a + b + c),
        ("prod", lambda a, b, c: a * b * c),
    ],
)
def test_reductions_are_elementwise(method, reduce):
    inputs = [torch.randn(2, 3, 4) for _ in range(3)]
    fusion = make_fusion_layer(method, (4, 4, 4))

    assert isinstance(fusion, ReduceFusion)
    assert fusion.output_dim == 4
    torch.testing.assert_close(fusion(inputs), reduce(*inputs))


def test_reduce_takes_any_function_of_the_stacked_inputs():
    inputs = [torch.randn(2, 3, 4) for _ in range(3)]

    assert torch.equal(ReduceFusion([4, 4, 4], lambda stacked: stacked[1])(inputs), inputs[1])


def test_an_unknown_method_is_named_with_the_known_ones():
    with pytest.raises(ArgumentError, match=r"'mean'.*temporal_concat.*prod"):
        make_fusion_layer("mean", [4])
    with pytest.raises(ArgumentError, match="'mean'"):
        ReduceFusion([4], "mean")


@pytest.mark.parametrize(
    ("method", "feature_dims"),
    [("concat", []), ("concat", [4, 0]), ("temporal_concat", [4, 5]), ("sum", [4, 5]), ("max", [])],
)
def test_dimensions_that_do_not_suit_are_named(method, feature_dims):
    with pytest.raises(ArgumentError, match="feature_dims"):
        make_fusion_layer(method, feature_dims)
