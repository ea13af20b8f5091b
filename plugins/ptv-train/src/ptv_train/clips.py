"""What a model sees of a video: the length of a clip and the transform that makes the input from it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from attrs import frozen

import ptv_registry
from ptv_layers.clip_input import ClipInput
from ptv_train.errors import NoInputDescriptionError


@frozen
class ClipRecipe:
    """How clips of a video become a model's input.

    Attributes:
        seconds: length of a clip.
        transform: spec of a transform of samples (dicts whose ``video`` is a uint8 clip (C, T, H, W)).
    """

    seconds: float
    transform: str

    def build_transform(self) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """The transform."""
        return ptv_registry.build(self.transform, kind="transform")


def recipe_of(clip_input: ClipInput) -> ClipRecipe:
    """The recipe of the published evaluation: equispaced frames, short side scaled, centre cropped."""
    return ClipRecipe(float(clip_input.seconds), clip_input.transform)


def recipe_for(
    plan: ptv_registry.Plan,
    *,
    seconds: float | None = None,
    transform: str | None = None,
    declared: ClipInput | None = None,
) -> ClipRecipe:
    """The recipe for a model of this plan: as asked, else as declared, else as its builder says.

    Raises:
        NoInputDescriptionError: neither says it.
    """
    declared = declared or getattr(plan.root.target, "clip_input", None)
    if declared is None and (seconds is None or transform is None):
        raise NoInputDescriptionError(
            f"{plan.root.name} does not say what clips it takes; give the length of a clip in seconds (--clip-seconds) "
            "and a transform spec (--transform)"
        )
    default = recipe_of(declared) if declared is not None else ClipRecipe(0.0, "")
    return ClipRecipe(
        float(Fraction(seconds)) if seconds is not None else default.seconds,
        transform if transform is not None else default.transform,
    )
