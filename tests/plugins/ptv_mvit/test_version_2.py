"""What MViTv2 adds: distances in the attention, pooled queries in its output, tokens without encoded places."""

import pytest
import torch

import ptv_mvit
from ptv_mvit import MultiScaleAttention
from ptv_mvit.relative_positions import relative_bias, rows_of_distances
from ptv_registry.errors import ArgumentError


def attention(**arguments):
    torch.manual_seed(0)
    usual = {"num_heads": 2, "rel_pos_spatial": True, "rel_pos_temporal": True, "input_size": (2, 4, 4)}
    return MultiScaleAttention(8, **(usual | {"residual_pool": False} | arguments)).eval()


def test_the_bias_is_the_product_of_each_query_with_the_rows_of_its_distances():
    q = torch.randn(1, 1, 2 * 3 * 2, 4)
    time, height, width = (torch.randn(2 * size - 1, 4) for size in (2, 3, 2))
    bias = relative_bias(q, [2, 3, 2], [2, 3, 2], time, height, width)
    places = [(t, y, x) for t in range(2) for y in range(3) for x in range(2)]
    expected = torch.stack(
        [
            torch.stack([q[0, 0, i] @ (time[a - u + 1] + height[b - v + 2] + width[c - w + 1]) for u, v, w in places])
            for i, (a, b, c) in enumerate(places)
        ]
    )

    torch.testing.assert_close(expected, bias[0, 0])


@pytest.mark.parametrize(
    ("queries", "keys", "rows"),
    [
        (2, 4, [[3, 2, 1, 0], [5, 4, 3, 2]]),  # a query stands for two places
        (4, 2, [[2, 0], [3, 1], [4, 2], [5, 3]]),
    ],
)
def test_where_keys_or_queries_are_coarser_they_stand_further_apart(queries, keys, rows):
    table = torch.arange(7.0)[:, None]

    assert rows == rows_of_distances(table, queries, keys)[..., 0].int().tolist()


def test_a_table_for_other_sizes_is_interpolated():
    table = torch.tensor([[0.0], [6.0], [12.0]])  # of distances -1, 0 and 1
    rows = rows_of_distances(table, 3, 3)[..., 0]  # of distances -2 to 2

    torch.testing.assert_close(torch.tensor([6.0, 2.4, 0.0]), rows[0])
    torch.testing.assert_close(torch.tensor([12.0, 9.6, 6.0]), rows[2])


def test_distances_that_begin_at_zero_change_nothing():
    x = torch.randn(2, 1 + 32, 8)
    with_tables = attention(rel_pos_zero_init=True)
    without = attention(rel_pos_spatial=False, rel_pos_temporal=False)
    without.load_state_dict(with_tables.state_dict(), strict=False)

    torch.testing.assert_close(without(x, [2, 4, 4])[0], with_tables(x, [2, 4, 4])[0])


def test_distances_are_of_the_pooled_grid():
    pooled = attention(stride_q=(1, 2, 2), kernel_q=(3, 3, 3), stride_kv=(1, 4, 4), kernel_kv=(3, 3, 3))

    assert [(3, 4), (3, 4), (3, 4)] == [tuple(getattr(pooled, f"rel_pos_{name}").shape) for name in "thw"]


def test_the_class_tokens_query_is_added_or_not():
    x = torch.randn(1, 1 + 32, 8)
    plain = attention()
    whole, places = attention(residual_pool=True), attention(residual_pool=True, residual_pool_cls=False)
    with torch.no_grad():
        plain.proj.weight.copy_(torch.eye(8))
        whole.proj.load_state_dict(plain.proj.state_dict())
        places.proj.load_state_dict(plain.proj.state_dict())
    outputs = [module(x, [2, 4, 4])[0] for module in (plain, places, whole)]

    torch.testing.assert_close(outputs[0][:, 0], outputs[1][:, 0])
    torch.testing.assert_close(outputs[1][:, 1:], outputs[2][:, 1:])
    assert not torch.allclose(outputs[1][:, 0], outputs[2][:, 0])
    assert not torch.allclose(outputs[0][:, 1:], outputs[1][:, 1:])


def test_distances_need_a_grid():
    with pytest.raises(ArgumentError, match=r"input_size is None; relative positions need the grid"):
        attention(input_size=None)


def test_without_an_encoding_of_places_a_model_has_the_class_token_alone(small, clips):
    model = small(positional_encoding=None)

    names = [name for name in model.state_dict() if name.startswith("cls_positional_encoding")]
    assert ["cls_positional_encoding.cls_token"] == names
    assert (2, 5) == model(clips).shape
    assert not small(positional_encoding=None, cls_embed_on=False).cls_positional_encoding.state_dict()


def test_a_model_with_distances_takes_clips_of_other_sizes(small):
    model = small(rel_pos_spatial=True, rel_pos_temporal=True, positional_encoding=None)

    assert (1, 5) == model(torch.randn(1, 3, 8, 24, 40)).shape


@pytest.mark.parametrize(("name", "millions"), [("mvit_v2_small_16x4", 34.5), ("mvit_v2_base_32x3", 51.2)])
def test_a_published_model_has_as_many_parameters_as_its_table_says(name, millions):
    with torch.device("meta"):
        model = getattr(ptv_mvit, name)()

    assert millions == round(sum(parameter.numel() for parameter in model.parameters()) / 1e6, 1)
