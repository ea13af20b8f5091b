import copy
import pickle

import pytest
import torch
from torch.nn import functional as F

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError
from ptv_ssl import NTXentLoss, SoftTargetCrossEntropyLoss

LOGITS = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
CLASSES = torch.tensor([0, 2, 1, 1])
WEIGHTS = torch.tensor([[1.0, 0, 1], [0, 0, 1], [0.2, 0.3, 0.5], [0, 3, 0]])
VIEWS = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(1))


def test_numbers_of_classes_give_the_cross_entropy_of_torch():
    torch.testing.assert_close(F.cross_entropy(LOGITS, CLASSES), SoftTargetCrossEntropyLoss()(LOGITS, CLASSES))


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_weights_are_normalized_and_reduced_as_told(normalize, reduction):
    weights = WEIGHTS / WEIGHTS.sum(dim=1, keepdim=True) if normalize else WEIGHTS
    losses = -(weights * torch.log(LOGITS.exp() / LOGITS.exp().sum(dim=1, keepdim=True))).sum(dim=1)
    loss = SoftTargetCrossEntropyLoss(reduction=reduction, normalize_targets=normalize)(LOGITS, WEIGHTS)

    torch.testing.assert_close(losses if reduction == "none" else losses.mean(), loss)


@pytest.mark.parametrize("ignored", [-100, 1])
def test_samples_with_the_ignored_number_do_not_count(ignored):
    # Defect 38: an AttributeError for a number that is a class, and for -100 a failing conversion to one-hot vectors.
    target = CLASSES.clone()
    target[2:] = ignored
    kept = F.cross_entropy(LOGITS[:2], CLASSES[:2], reduction="none")

    torch.testing.assert_close(kept.mean(), SoftTargetCrossEntropyLoss(ignored)(LOGITS, target))
    torch.testing.assert_close(
        torch.cat([kept, torch.zeros(2)]), SoftTargetCrossEntropyLoss(ignored, "none")(LOGITS, target)
    )
    torch.testing.assert_close(
        F.cross_entropy(LOGITS, target, ignore_index=ignored), SoftTargetCrossEntropyLoss(ignored)(LOGITS, target)
    )


def test_samples_with_weight_on_the_ignored_class_do_not_count():
    expected = SoftTargetCrossEntropyLoss()(LOGITS[1:2], WEIGHTS[1:2])

    torch.testing.assert_close(expected, SoftTargetCrossEntropyLoss(0)(LOGITS[:2], WEIGHTS[:2]))
    assert torch.equal(SoftTargetCrossEntropyLoss(7)(LOGITS, WEIGHTS), SoftTargetCrossEntropyLoss()(LOGITS, WEIGHTS))


def test_a_batch_in_which_nothing_counts_has_no_loss_and_no_gradient():
    logits = LOGITS.clone().requires_grad_()
    loss = SoftTargetCrossEntropyLoss()(logits, torch.full((4,), -100))
    loss.backward()

    assert 0 == loss.item()
    assert torch.equal(torch.zeros(4, 3), logits.grad)


def test_a_sample_without_weights_has_no_loss():
    losses = SoftTargetCrossEntropyLoss(reduction="none")(LOGITS, WEIGHTS * torch.tensor([[0.0], [1], [1], [1]]))

    assert 0 == losses[0]
    assert losses.isfinite().all()


@pytest.mark.parametrize(
    ("logits", "target", "message"),
    [
        (
            LOGITS,
            torch.tensor([0, 1, 3, -1]),
            r"targets \[3, -1\] are not classes: they must be from 0 to 2, or ignore",
        ),
        (LOGITS, CLASSES[:3], r"target has shape \(3,\) and the input \(4, 3\)"),
        (LOGITS, WEIGHTS[:, :2], r"target has shape \(4, 2\) and the input \(4, 3\)"),
        (LOGITS[0], WEIGHTS[0], r"target has shape \(3,\) and the input \(3,\)"),
    ],
    ids=["class", "numbers", "weights", "no batch"],
)
def test_targets_that_do_not_fit_are_refused(logits, target, message):
    with pytest.raises(ArgumentError, match=message):
        SoftTargetCrossEntropyLoss()(logits, target)


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ArgumentError, match=r"reduction='sum' is not one of \['mean', 'none'\]"):
        SoftTargetCrossEntropyLoss(reduction="sum")


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_nt_xent_is_equation_1_of_simclr(temperature):
    views = VIEWS.flatten(0, 1).double()
    similar = torch.exp(F.cosine_similarity(views.unsqueeze(1), views.unsqueeze(0), dim=2) / temperature)
    terms = [-torch.log(similar[i, (i + 4) % 8] / (similar[i].sum() - similar[i, i])) for i in range(8)]

    torch.testing.assert_close(torch.stack(terms).mean(), NTXentLoss(temperature)(*VIEWS.double()))


def test_nt_xent_is_the_same_for_both_orders_and_any_length_of_the_embeddings():
    loss = NTXentLoss()

    torch.testing.assert_close(loss(*VIEWS), loss(VIEWS[1] * 3, VIEWS[0] / 2))


def test_nt_xent_at_a_low_temperature_stays_finite():
    views = VIEWS.clone().requires_grad_()
    loss = NTXentLoss(1e-3)(*views)
    loss.backward()

    assert loss.isfinite()
    assert views.grad.isfinite().all()


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_must_be_positive(temperature):
    with pytest.raises(ArgumentError, match=r"temperature=.* must be positive"):
        NTXentLoss(temperature)


def test_views_of_different_samples_are_refused():
    with pytest.raises(ArgumentError, match="4 and 3 samples"):
        NTXentLoss()(VIEWS[0], VIEWS[1, :3])


@pytest.mark.parametrize(
    ("spec", "inputs"),
    [
        ("soft_target_cross_entropy", (LOGITS, CLASSES)),
        ("soft_target_cross_entropy(ignore_index=1, reduction='none', normalize_targets=false)", (LOGITS, WEIGHTS)),
        ("ntxent(temperature=0.3)", tuple(VIEWS)),
    ],
    ids=["numbers", "weights", "ntxent"],
)
def test_a_loss_comes_from_a_spec_copies_pickles_and_exports(spec, inputs):
    loss = ptv.build(spec, kind="loss")
    expected = loss(*inputs)

    for twin in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss)), torch.export.export(loss, inputs).module()):
        assert torch.equal(expected, twin(*inputs))


def test_losses_run_in_half_precision():
    for loss, inputs in (
        (SoftTargetCrossEntropyLoss(), (LOGITS.bfloat16(), CLASSES)),
        (NTXentLoss(), VIEWS.bfloat16()),
    ):
        assert loss(*inputs).isfinite()
