"""What a model sees of a video, as specs: the length of a clip and the transforms that make the input from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal, get_args

from attrs import evolve, field, frozen

import ptv_registry
from ptv_cards.clip_input import ClipInput, clip_input_of
from ptv_cards.scores import Scores
from ptv_registry.errors import ArgumentError
from ptv_registry.records import checked
from ptv_train.errors import NoInputDescriptionError


def _seconds(_: Any, attribute: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ArgumentError(f"a clip of {value!r} s holds nothing; its length must be a number above 0")


@frozen
class ClipRecipe:
    """How clips of a video become a model's input; what checkpoints and artifacts record.

    Attributes:
        seconds: length of a clip.
        transform: spec of a transform of samples (dicts whose ``video`` is a uint8 clip (C, T, H, W)), for evaluation.
        train_transform: the same with what is random in training; ``transform`` by default.
        scores: what the model gives.
        decode_video, decode_audio: whether samples carry pictures, and sound at ``audio_rate`` samples a second.
        audio_rate: of the sound.
        boxes: whether the model takes boxes (N, 5) beside clips, which samples then have.
        task: what the model was taught, as a spec; ``None``: classification.
    """

    seconds: float = field(validator=_seconds)
    transform: str = field(validator=checked(lambda v: isinstance(v, str), "a spec"))
    train_transform: str | None = field(
        default=None, validator=checked(lambda v: v is None or isinstance(v, str), "a spec, or null")
    )
    scores: Scores = field(
        default="logits", validator=checked(lambda v: v in get_args(Scores), f"one of {', '.join(get_args(Scores))}")
    )
    decode_video: bool = field(default=True, validator=checked(lambda v: isinstance(v, bool), "true or false"))
    decode_audio: bool = field(default=False, validator=checked(lambda v: isinstance(v, bool), "true or false"))
    audio_rate: int = field(default=16000, validator=checked(lambda v: type(v) is int and v > 0, "a number above 0"))
    boxes: bool = field(default=False, validator=checked(lambda v: isinstance(v, bool), "true or false"))
    task: str | None = field(
        default=None, validator=checked(lambda v: v is None or isinstance(v, str), "a spec, or null")
    )

    def changed(self, seconds: float | None = None, transform: str | None = None) -> ClipRecipe:
        """The same with another length of clips, or another transform, for training too."""
        made = self if seconds is None else evolve(self, seconds=float(Fraction(seconds)))
        return made if transform is None else evolve(made, transform=transform, train_transform=None)

    def build_transform(
        self, mode: Literal["train", "val"] = "val", *, registry: ptv_registry.Registry | None = None
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """The transform, for training or for evaluation; nothing but a transform, whatever the spec says.

        Args:
            mode: which.
            registry: where names are looked up, for instance one with ``trusted_dists``.
        """
        spec = self.train_transform if mode == "train" else None
        return ptv_registry.build(spec or self.transform, kind="transform", foreign=True, registry=registry)


def recipe_of(clip_input: ClipInput) -> ClipRecipe:
    """The recipe of the published evaluation: equispaced frames, short side scaled, centre cropped."""
    return ClipRecipe(
        float(clip_input.seconds),
        clip_input.transform,
        clip_input.train_transform,
        decode_video=clip_input.pictures,
        decode_audio=clip_input.mel_steps is not None,
        audio_rate=clip_input.audio_rate,
        boxes=clip_input.boxes,
    )


def recipe_for(
    plan: ptv_registry.Plan,
    *,
    seconds: float | None = None,
    transform: str | None = None,
    declared: ClipInput | None = None,
    changes: Mapping[str, Any] | None = None,
) -> ClipRecipe:
    """The recipe for a model of this plan: what its builder and its arguments say, with the requested changes.

    Args:
        plan: of the model.
        seconds: length of a clip, instead.
        transform: spec of the transform, instead; for training too.
        declared: the clips that the model's weights were trained on, instead of its builder's.
        changes: attributes of :class:`~ptv_cards.clip_input.ClipInput` by name.

    Raises:
        NoInputDescriptionError: nobody says what clips the model takes.
        ArgumentError: a change names an unknown attribute, or is out of range.
    """
    if seconds is not None and transform is not None and not changes:
        return ClipRecipe(float(Fraction(seconds)), transform)
    clips = clip_input_of(plan, declared)
    if clips is None and changes and "num_frames" in changes and ("seconds" in changes or "sampling_rate" in changes):
        clips = ClipInput(1, 1)
    if clips is None:
        raise NoInputDescriptionError(
            f"{plan.root.name} does not say what clips it takes; say it in its builder (ptv_cards.clip_input.takes_clips), "
            'give --input "num_frames=8, seconds=2, crop=224", or the length of a clip in seconds (--clip-seconds) and '
            "a transform spec (--transform)"
        )
    return recipe_of(clips.adjusted(changes or {})).changed(seconds, transform)


def read_changes(text: str | None) -> dict[str, Any]:
    """The changes that ``--input "num_frames=8, crop=64"`` asks for.

    Raises:
        PtvError: the text is not of this form.
    """
    return dict(ptv_registry.parse(f"input({text})").args) if text else {}
