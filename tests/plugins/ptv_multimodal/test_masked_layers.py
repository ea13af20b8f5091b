import copy
import pickle
import warnings

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from ptv_multimodal import (
    LSTM,
    LearnMaskedDefault,
    MaskedTemporalPooling,
    TransposeMultiheadAttention,
    TransposeTransformerEncoder,
)
from ptv_registry.errors import ArgumentError
from tests.support.fingerprint import assert_every_argument_has_an_effect

MASK = torch.tensor([[True, True, True, False], [False, True, False, True], [False] * 4])
X = torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(0))
LAYERS = {
    "max": lambda: MaskedTemporalPooling("max"),
    "avg": lambda: MaskedTemporalPooling("avg"),
    "sum": lambda: MaskedTemporalPooling("sum"),
    "attention": lambda: TransposeMultiheadAttention(8, num_heads=2),
    "encoder": lambda: TransposeTransformerEncoder(8, num_heads=2, num_layers=2),
    "lstm": lambda: LSTM(8, 6),
    "bidirectional": lambda: LSTM(8, 6, bidirectional=True),
}
each_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


@pytest.mark.parametrize(("method", "reduce"), [("max", torch.amax), ("avg", torch.mean), ("sum", torch.sum)])
def test_pooling_reduces_the_valid_elements_and_a_row_without_any_is_zero(method, reduce):
    pooled = MaskedTemporalPooling(method)(X, MASK)

    expected = torch.stack([reduce(X[0, :3], dim=0), reduce(X[1, [1, 3]], dim=0), torch.zeros(8)])
    torch.testing.assert_close(expected, pooled)
    torch.testing.assert_close(reduce(X, dim=1), MaskedTemporalPooling(method)(X))


@each_layer
def test_neither_the_input_nor_the_mask_is_changed(make):
    x, mask = X.clone(), MASK.clone()
    make()(x, mask)

    assert torch.equal(X, x)
    assert torch.equal(MASK, mask)


@each_layer
def test_invalid_elements_have_no_influence(make):
    layer = make().eval()
    other = torch.where(MASK.unsqueeze(-1), X, torch.randn_like(X) * 100)
    valid = MASK if isinstance(layer, TransposeMultiheadAttention) else MASK.any(dim=1)

    torch.testing.assert_close(layer(X, MASK)[valid], layer(other, MASK)[valid])


@each_layer
def test_no_mask_means_that_all_is_valid(make):
    layer = make().eval()

    assert torch.equal(layer(X), layer(X, torch.ones(3, 4, dtype=torch.bool)))


@each_layer
def test_gradients_are_finite_even_for_rows_without_a_valid_element(make):
    layer, x = make(), X.clone().requires_grad_()
    output = layer(x, MASK)
    output.square().sum().backward()

    assert output.isfinite().all()
    assert x.grad.isfinite().all()
    assert all(p.grad.isfinite().all() for p in layer.parameters())
    if output.dim() == 2:
        assert not x.grad[~MASK & MASK.any(dim=1, keepdim=True)].any()


@pytest.mark.filterwarnings("ignore:The tensor attributes .*_flat_weights:UserWarning")  # of torch's LSTM
@each_layer
def test_a_layer_copies_pickles_and_exports_after_it_was_used(make):
    layer = make().eval()
    expected = layer(X, MASK)

    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(expected, twin(X, MASK))
    exported = torch.export.export(layer, (X, MASK)).module()
    torch.testing.assert_close(expected, exported(X, MASK))


@each_layer
def test_a_layer_runs_on_the_meta_device_in_half_and_without_warnings(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer = make()
        on_meta = make().to("meta")(X.to("meta"), MASK.to("meta"))
        in_half = layer.bfloat16()(X.bfloat16(), MASK)

    assert on_meta.shape == in_half.shape
    assert in_half.dtype == torch.bfloat16


@each_layer
@pytest.mark.parametrize(
    ("x", "mask", "message"),
    [
        (X[0], None, r"shape \(4, 8\), but must be \(batch_size, seq_len, feature_dim\)"),
        (X, MASK.float(), r"torch.float32 of shape \(3, 4\), but must be torch.bool"),
        (X, MASK[:, :3], r"of shape \(3, 3\), but must be torch.bool of shape \(3, 4\)"),
    ],
    ids=["input", "dtype", "shape"],
)
def test_an_input_or_mask_of_another_shape_is_refused(make, x, mask, message):
    with pytest.raises(ArgumentError, match=message):
        make()(x, mask)


def test_attention_is_that_of_torch_among_the_valid_elements():
    layer = TransposeMultiheadAttention(8, num_heads=2)
    alone = X[1:2, [1, 3]].transpose(0, 1)
    expected, weights = layer._attention(alone, alone, alone)

    assert layer.attention_weights is None
    torch.testing.assert_close(expected.transpose(0, 1)[0], layer(X, MASK)[1, [1, 3]])
    assert (3, 4, 4) == tuple(layer.attention_weights.shape)
    torch.testing.assert_close(weights[0], layer.attention_weights[1][[1, 3]][:, [1, 3]])
    assert not layer.attention_weights.requires_grad


def test_the_encoder_gives_the_first_valid_element_as_torch_does_without_the_invalid_ones():
    layer = TransposeTransformerEncoder(8, num_heads=2, num_layers=2).eval()

    torch.testing.assert_close(layer.encoder(X[1:2, [1, 3]].transpose(0, 1))[0, 0], layer(X, MASK)[1])
    torch.testing.assert_close(layer.encoder(X.transpose(0, 1))[0], layer(X))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_lstm_gives_the_last_state_of_torch_s_on_packed_sequences(bidirectional):
    layer = LSTM(8, 6, bidirectional=bidirectional)
    packed = pack_padded_sequence(
        torch.stack([X[0], X[1, [1, 3, 0, 2]]]), torch.tensor([3, 2]), batch_first=True, enforce_sorted=False
    )
    _, (hidden, _) = layer.lstm(packed)
    output = layer(X, MASK)

    torch.testing.assert_close(torch.cat(list(hidden), dim=-1), output[:2])
    assert torch.equal(torch.zeros(layer.output_dim), output[2])
    assert layer.output_dim == output.shape[1] == (12 if bidirectional else 6)


def test_the_lstm_drops_elements_of_its_output_in_training_only():
    layer = LSTM(8, 500, dropout=0.5)

    assert 0.3 < (layer(X) == 0).float().mean() < 0.7
    assert not (layer.eval()(X) == 0).any()


def test_a_default_stands_in_for_rows_without_a_valid_element():
    layer = LearnMaskedDefault(8)
    filled = layer(X[:, 0], MASK)

    assert torch.equal(X[:2, 0], filled[:2])
    assert torch.equal(layer._learned_defaults, filled[2])
    assert torch.equal(layer._learned_defaults.expand(4, 8), layer(X, MASK)[2])
    filled.sum().backward()
    assert torch.equal(torch.ones(8), layer._learned_defaults.grad)
    assert ["_learned_defaults"] == list(layer.state_dict())


def test_a_default_hides_what_is_no_number():
    x = X[:, 0].clone()
    x[2] = float("nan")

    assert LearnMaskedDefault(8)(x, MASK).isfinite().all()


def test_a_default_starts_as_noise_or_zeros_and_may_be_frozen():
    assert LearnMaskedDefault(1000)._learned_defaults.detach().std() == pytest.approx(1, abs=0.2)
    assert not LearnMaskedDefault(8, init_method="zeros")._learned_defaults.any()
    assert not LearnMaskedDefault(8, freeze=True)._learned_defaults.requires_grad


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MaskedTemporalPooling("median"), r"method='median' is not one of \['max', 'avg', 'sum'\]"),
        (lambda: LearnMaskedDefault(8, "guassian"), r"init_method='guassian' is not one of \['gaussian', 'zeros'\]"),
        (lambda: LearnMaskedDefault(8)(X[:, 0], MASK.float()), "torch.float32"),
        (lambda: LearnMaskedDefault(8)(X[:, 0], MASK[:2]), r"\(2, 4\), but must be torch.bool with 3 rows"),
    ],
    ids=["method", "init_method", "dtype", "rows"],
)
def test_what_is_unknown_or_does_not_fit_is_refused(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (
            TransposeMultiheadAttention(8),
            ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"],
        ),
        (LSTM(8, 6), ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]),
        (
            TransposeTransformerEncoder(8),
            [
                f"layers.0.{name}"
                for name in (
                    *("self_attn.in_proj_weight", "self_attn.in_proj_bias"),
                    *("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
                    *("linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"),
                    *("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"),
                )
            ],
        ),
    ],
    ids=["attention", "lstm", "encoder"],
)
def test_parameters_have_the_published_names(layer, names):
    prefix = {TransposeMultiheadAttention: "_attention", LSTM: "lstm", TransposeTransformerEncoder: "encoder"}[
        type(layer)
    ]

    assert [f"{prefix}.{name}" for name in names] == list(layer.state_dict())


@pytest.mark.parametrize(
    ("build", "base", "others"),
    [
        (MaskedTemporalPooling, {"method": "max"}, {"method": "avg"}),
        (TransposeMultiheadAttention, {"feature_dim": 8}, {"feature_dim": 16, "num_heads": 2}),
        (TransposeTransformerEncoder, {"dim_in": 8}, {"dim_in": 16, "num_heads": 2, "num_layers": 2}),
        (
            LSTM,
            {"dim_in": 8, "hidden_dim": 6},
            {"dim_in": 7, "hidden_dim": 5, "dropout": 0.1, "bidirectional": True},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_argument_has_an_effect(build, base, others):
    assert_every_argument_has_an_effect(build, base, others)
