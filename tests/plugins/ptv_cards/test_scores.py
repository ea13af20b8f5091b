"""A model says what its scores are, and losses get logits."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_cards.classifier import Classifier
from ptv_cards.scores import gives_scores, giving_logits, probabilities, scores_of
from ptv_registry.errors import ArgumentError

X3D = "x3d(width_factor=0.5, depth_factor=1, input_clip_length=4, input_crop_size=32, model_num_class=5{})"


@pytest.mark.parametrize(
    ("spec", "scores"),
    [
        (X3D.format(""), "probabilities"),
        (X3D.format(", head_activation=none"), "logits"),
        (X3D.format(", head_activation=sigmoid"), "per_label"),
        ("r2plus1d(model_depth=18, stem_dim_out=4)", "probabilities"),
        ("csn(model_depth=18, stem_dim_out=4)", "logits"),
        ("vmz_resnet(stage_dims=[4, 4, 4, 8])", "logits"),
        ("mvit(spatial_size=32, temporal_size=2, depth=1, head_activation=sigmoid)", "per_label"),
        ("efficient_x3d", "logits"),
    ],
)
def test_scores_are_what_the_head_ends_in(spec, scores):
    assert scores == scores_of(ptv_registry.build(spec))


def test_a_model_gives_logits_for_the_loss_and_its_own_scores_afterwards():
    model = ptv_registry.build(X3D.format("")).eval()
    clip = torch.rand(2, 3, 4, 32, 32)
    own = model(clip)

    with giving_logits(model):
        logits = model(clip)

    assert torch.allclose(own, probabilities(logits, "logits"), atol=1e-6)
    assert not torch.allclose(logits.sum(1), torch.ones(2))
    assert torch.equal(own, model(clip))


def test_probabilities_are_not_put_through_a_second_softmax():
    scores = torch.tensor([[0.982, 0.4]])

    assert torch.equal(scores, probabilities(scores, "per_label"))
    assert torch.equal(scores, probabilities(scores, "probabilities"))


class Sharpened(nn.Module):
    """An activation of somebody else's."""


class Stranger(nn.Module):
    """A model that says where its scores come out of, without our class."""

    score_activation = "last"

    def __init__(self) -> None:
        super().__init__()
        self.last = Sharpened()


def test_an_activation_that_says_nothing_is_an_error_with_the_way_out():
    with pytest.raises(ArgumentError, match=r"Sharpened, .*gives_scores"):
        scores_of(Stranger())


def test_a_strangers_activation_says_it_itself():
    model = Stranger()
    model.last = gives_scores("probabilities")(type("Own", (nn.Module,), {}))()

    assert "probabilities" == scores_of(model)


@pytest.mark.parametrize(
    "spec",
    [
        X3D.format(""),
        "resnet(model_depth=18, stem_dim_out=4, head_pool=adaptive_avg)",
        "mvit(spatial_size=32, temporal_size=4, depth=1)",
        "vmz_resnet(stage_dims=[4, 4, 4, 8])",
        "efficient_x3d",
    ],
)
def test_every_family_has_timms_names_for_its_head(spec):
    model = ptv_registry.build(spec).eval()
    clip = torch.rand(1, 3, 4, 32, 32)

    assert isinstance(model, Classifier)
    model.reset_classifier(7)
    assert (7, (1, 7)) == (model.num_classes, tuple(model(clip).shape))
    assert isinstance(model.get_classifier(), nn.Linear)
    assert torch.is_tensor(model.forward_features(clip))
    model.reset_classifier(0)
    assert 0 == model.num_classes
    assert 2 == model(clip).ndim
    assert 7 != model(clip).shape[1]
