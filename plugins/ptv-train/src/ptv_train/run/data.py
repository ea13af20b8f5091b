"""The datasets of a run: from folders, label files and specs, fed as the model's recipe says, classes numbered once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from torch.utils.data import Dataset

import ptv_registry
from ptv_datasets.recognise import dataset_for
from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.clip_recipe import ClipRecipe


def training_data(source: Any, recipe: ClipRecipe, *, seed: int = 0, on_error: Any = "raise") -> Dataset[Any]:
    """Clips from random places of labelled videos, through the recipe's training transform.

    Args:
        source: see :func:`ptv_datasets.recognise.dataset_for`; what a spec says itself stays.
        recipe: of the model.
        seed: of places and order.
        on_error: what becomes of videos that cannot be read.
    """
    dataset: Dataset[Any] = dataset_for(
        source,
        clip_sampler=f"random(clip_duration={recipe.seconds!r})",
        transform=recipe.train_transform or recipe.transform,
        seed=seed,
        on_error=on_error,
        **sound_and_pictures(recipe),
    )
    return dataset


def sound_and_pictures(recipe: ClipRecipe) -> dict[str, Any]:
    """What of a video samples carry, as arguments of :func:`ptv_datasets.recognise.dataset_for`."""
    return {name: getattr(recipe, name) for name in ("decode_video", "decode_audio", "audio_rate")}


def check_described(source: Any) -> None:
    """Refuse a spec that makes clips in its own way while nobody says how they are made for evaluation.

    Raises:
        ArgumentError: the spec names a transform or a sampler, and the recipe would be the model's own.
    """
    own = [name for name in ("transform", "clip_sampler") if name in _arguments(source)]
    if own:
        raise ArgumentError(
            f"{source} has its own {' and '.join(own)}, so say how the model shall be fed afterwards, with a length and a "
            "transform (recipe=, --clip-seconds and --transform); or leave both to the model"
        )


def _arguments(source: Any) -> Mapping[str, Any]:
    if isinstance(source, str | os.PathLike):
        if os.path.exists(source):
            return {}
        try:
            return ptv_registry.parse(os.fspath(source)).args
        except PtvError:
            return {}
    if isinstance(source, ptv_registry.Spec):
        return source.args
    return source.get("args", {}) if isinstance(source, Mapping) else {}


def categories_of(dataset: Any) -> list[str]:
    """The names of a dataset's classes.

    Raises:
        ArgumentError: it has none.
    """
    names = getattr(dataset, "class_names", None)
    if names:
        return [str(name) for name in names]
    labels = {video.info["label"] for video in getattr(dataset, "videos", ()) if video.info.get("label", -1) >= 0}
    if labels:
        return [str(label) for label in range(max(labels) + 1)]
    raise ArgumentError(f"{type(dataset).__name__} has no labels to train on")
