import copy
import pickle

import pytest
import torch
from torch import nn

import ptv_registry as ptv
from ptv_layers import PositionalEncoding, make_fusion_layer
from ptv_multimodal import (
    LSTM,
    LearnMaskedDefault,
    MaskedMultiPathWay,
    MaskedSequential,
    MaskedTemporalPooling,
    TransposeMultiheadAttention,
    create_masked_sequential,
)
from ptv_registry.errors import ArgumentError

MASK = torch.tensor([[True, True, True, False], [False] * 4])
X = torch.randn(2, 4, 8)
WORDS = torch.randn(2, 5, 6), torch.tensor([[False] * 5, [True, True, False, False, False]])


def stream():
    return MaskedSequential(
        PositionalEncoding(8),
        nn.Dropout(p=0.1),
        TransposeMultiheadAttention(8),
        MaskedTemporalPooling(method="avg"),
        nn.LayerNorm(8),
        LearnMaskedDefault(8),
    )


def model(fusion="concat"):
    words = MaskedSequential(LSTM(6, 8), LearnMaskedDefault(8))
    return MaskedMultiPathWay(
        multipathway_blocks=nn.ModuleList([stream(), words]),
        multipathway_fusion=fusion and make_fusion_layer(fusion, [8, 8]),
    )


def test_the_documented_sequence_runs_and_hands_the_mask_to_those_that_take_it():
    sequence = stream().eval()
    x = X
    for index, takes_mask in enumerate((False, False, True, True, False, True)):
        x = sequence[index](x, MASK) if takes_mask else sequence[index](x)

    assert torch.equal(x, sequence(input=X, mask=MASK))
    assert torch.equal(sequence[-1]._learned_defaults, x[1])


def test_every_module_of_a_sequence_sees_the_mask_of_the_caller():
    # The published attention sets the first column of the mask, so that later modules take every row for valid.
    seen = MASK.clone()
    stream()(X, seen)

    assert torch.equal(MASK, seen)


def test_a_sequence_may_stand_in_a_sequence_and_a_class_may_join_those_that_take_a_mask(monkeypatch):
    class Count(nn.Module):
        def forward(self, x, mask):
            return mask.sum(dim=1)

    monkeypatch.setattr(MaskedSequential, "_MASK_MODULES", [*MaskedSequential._MASK_MODULES, Count])

    assert [3, 0] == MaskedSequential(nn.Identity(), MaskedSequential(Count()))(X, MASK).tolist()


def test_a_sequence_needs_a_module():
    with pytest.raises(ArgumentError, match="modules is empty"):
        create_masked_sequential(modules=())


@pytest.mark.parametrize(("fusion", "size"), [("concat", 16), ("max", 8), ("sum", 8), ("prod", 8)])
def test_streams_are_fused(fusion, size):
    whole = model(fusion).eval()
    outputs = [block(*pair) for block, pair in zip(whole.multipathway_blocks, [(X, MASK), WORDS], strict=True)]
    fused = whole([(X, MASK), WORDS])

    assert (2, size) == tuple(fused.shape)
    assert torch.equal(whole.multipathway_fusion(outputs), fused)


def test_without_a_fusion_there_is_one_output_for_each_stream():
    outputs = model(None)([(X, MASK), WORDS])

    assert [(2, 8), (2, 8)] == [tuple(output.shape) for output in outputs]


def test_an_input_that_is_missing_is_refused():
    with pytest.raises(ArgumentError, match="1 inputs for 2 streams"):
        model()([(X, MASK)])


@pytest.mark.filterwarnings("ignore:The tensor attributes .*_flat_weights:UserWarning")  # of torch's LSTM
def test_a_model_copies_pickles_exports_and_its_gradients_are_finite():
    whole = model().eval()
    inputs = [(X, MASK), WORDS]
    expected = whole(inputs)
    expected.square().sum().backward()

    assert all(p.grad.isfinite().all() for p in whole.parameters())
    for twin in (copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))):
        assert torch.equal(expected, twin(inputs))
    torch.testing.assert_close(expected, torch.export.export(whole, (inputs,)).module()(inputs))


def test_a_few_steps_of_training_lower_the_loss():
    torch.manual_seed(0)
    whole = nn.Sequential(model(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(whole.parameters(), lr=0.01)
    losses = []
    for _ in range(10):
        loss = nn.functional.cross_entropy(whole([(X, MASK), WORDS]), torch.tensor([0, 1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[-1] < losses[0] / 2


def test_a_spec_builds_a_model_and_its_lock_the_same():
    frames = (
        "masked_sequential(modules=[positional_encoding(embed_dim=8), dropout(p=0.1), "
        "transpose_multihead_attention(feature_dim=8), masked_temporal_pooling(method=avg), "
        "layer_norm(normalized_shape=8), learn_masked_default(feature_dim=8)])"
    )
    words = "masked_sequential(modules=[lstm(dim_in=6, hidden_dim=8), learn_masked_default(feature_dim=8)])"
    spec = f"masked_multi_pathway(multipathway_blocks=[{frames}, {words}], multipathway_fusion=concat(feature_dims=[8, 8]))"
    torch.manual_seed(0)
    built = ptv.build(spec).eval()
    torch.manual_seed(0)
    again = ptv.build(ptv.freeze(built)).eval()

    assert list(model().state_dict()) == list(built.state_dict())
    assert torch.equal(built([(X, MASK), WORDS]), again([(X, MASK), WORDS]))


def test_a_spec_may_leave_out_the_fusion():
    spec = "masked_multi_pathway(multipathway_blocks=[masked_sequential(modules=[linear(in_features=8, out_features=3)])], multipathway_fusion=none)"

    [output] = ptv.build(spec)([(X, MASK)])
    assert (2, 4, 3) == tuple(output.shape)
