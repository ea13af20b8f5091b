"""What a video model says about itself: clips, scores, head, published weights; and what is inside it."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_cards.classifier import Classifier
    from ptv_cards.clip_input import ClipInput, clip_input_of, takes_clips
    from ptv_cards.inspection import forward_features, reset_head
    from ptv_cards.published_weights import (
        PublishedModel,
        PublishedWeights,
        has_weights,
        published_models,
        weights_of,
    )
    from ptv_cards.scores import gives_scores, giving_logits, scores_of

__all__ = [
    "Classifier",
    "ClipInput",
    "PublishedModel",
    "PublishedWeights",
    "clip_input_of",
    "forward_features",
    "gives_scores",
    "giving_logits",
    "has_weights",
    "published_models",
    "reset_head",
    "scores_of",
    "takes_clips",
    "weights_of",
]

__getattr__, __dir__ = lazy_package(__name__)
