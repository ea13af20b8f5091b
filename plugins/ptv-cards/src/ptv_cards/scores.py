"""What the scores of a model are, and how a model is trained whose head ends in an activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, TypeVar, get_args

import torch
from torch import nn

from ptv_registry.errors import ArgumentError

Scores = Literal["logits", "probabilities", "per_label", "label_logits", "features"]
"""``logits`` of classes that exclude each other; their ``probabilities``; or of labels that may hold together a
probability ``per_label``, or their ``label_logits``. ``features``: the classifier has learnt nothing yet."""

_Activation = TypeVar("_Activation", bound=Callable[..., Any])

#: What torch's own activations make of logits; others say it with :func:`gives_scores`.
_OF_TORCH: Final[dict[type[nn.Module], Scores]] = {
    nn.Identity: "logits",
    nn.Softmax: "probabilities",
    nn.Sigmoid: "per_label",
}


def gives_scores(scores: Scores) -> Callable[[_Activation], _Activation]:
    """Declares on an activation (a class) what it turns logits into."""
    if scores not in get_args(Scores):
        raise ArgumentError(f"scores={scores!r} is not one of {', '.join(get_args(Scores))}")

    def mark(activation: _Activation) -> _Activation:
        activation.gives_scores = scores  # type: ignore[attr-defined]
        return activation

    return mark


def scores_of(model: nn.Module) -> Scores:
    """What the scores of a model are.

    A model says it by ``score_activation``: the dotted name of the module that its scores come out of, or ``None`` for
    logits, as :class:`ptv_cards.classifier.Classifier` does. A model that says nothing gives logits.

    Raises:
        ArgumentError: the activation says nothing of what it makes of logits.
    """
    name = getattr(model, "score_activation", None)
    if name is None:
        return "logits"
    activation = model.get_submodule(name)
    declared: Scores | None = getattr(activation, "gives_scores", None)
    for kind in type(activation).__mro__:
        declared = declared or _OF_TORCH.get(kind)
    if declared is None:
        raise ArgumentError(
            f"{name} is a {type(activation).__name__}, which does not say what it makes of logits; mark the class with "
            "ptv_cards.scores.gives_scores('probabilities'), 'per_label' or 'logits'"
        )
    return declared


def probabilities(scores: torch.Tensor, kind: Scores) -> torch.Tensor:
    """A model's scores (B, classes) as float32 numbers in [0, 1]: the softmax of logits, the sigmoid of label logits,
    probabilities as they are.

    Raises:
        ArgumentError: the kind of scores is unknown, or the model has none.
    """
    if kind not in get_args(Scores):
        raise ArgumentError(f"scores={kind!r} is not one of {', '.join(get_args(Scores))}")
    if kind == "features":
        raise ArgumentError(
            "the model learnt features, and its classifier nothing; train that on videos with labels (ptv train --weights "
            "CHECKPOINT --freeze backbone)"
        )
    if kind == "logits":
        return scores.float().softmax(-1)
    return scores.float().sigmoid() if kind == "label_logits" else scores.float()


def as_logits(scores: torch.Tensor, kind: Scores) -> torch.Tensor:
    """The inverse of :func:`probabilities`: logits of a model that gives probabilities, to six digits of them."""
    if kind not in ("probabilities", "per_label"):
        return scores.float()
    inside = scores.float().clamp(1e-6, 1 - 1e-6)
    return inside.log() if kind == "probabilities" else inside.logit()


@contextmanager
def giving_logits(model: nn.Module) -> Iterator[None]:
    """Leave out the activation of a model's scores, so that losses get logits. Weights and names of them stay."""
    name = getattr(model, "score_activation", None)
    if name is None:
        yield
        return
    parent, _, leaf = name.rpartition(".")
    owner = model.get_submodule(parent)
    activation = getattr(owner, leaf)
    setattr(owner, leaf, nn.Identity())
    try:
        yield
    finally:
        setattr(owner, leaf, activation)
