"""A model to export, from a spec, a lock or a checkpoint, with clips to export it on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from attrs import asdict, evolve, frozen
from torch import nn

import ptv_registry
from ptv_deploy.artifacts.artifact import About
from ptv_deploy.artifacts.signature import Nested, each_tensor
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.model_source import load_source


@frozen
class Source:
    """A model with what is known of it.

    Attributes:
        name: what it was asked for by.
        model: in eval mode.
        about: categories, recipe, and whether the weights were trained.
        registry: where names are looked up, for instance one with ``trusted_dists``.
    """

    name: str
    model: nn.Module
    about: About
    registry: ptv_registry.Registry | None = None

    @property
    def recipe(self) -> ClipRecipe:
        """How clips become the model's input."""
        return ClipRecipe(**(self.about.recipe or {}))

    def noise(self, count: int, seed: int = 0) -> list[Nested]:
        """Inputs of batch size 1 out of clips of noise, through the model's own transform."""
        transform = self.recipe.build_transform(registry=self.registry)
        generator = torch.Generator().manual_seed(seed)
        clips = []
        for index in range(count):
            # Coarse blocks: noise of single pixels would be averaged to grey by the scaling.
            coarse = torch.randint(0, 256, (3, 8, 6, 8), dtype=torch.uint8, generator=generator)
            video = coarse.repeat_interleave(8, 1).repeat_interleave(40, 2).repeat_interleave(40, 3)
            sample: dict[str, Any] = {"video": video, "video_name": "", "clip_index": index, "aug_index": 0}
            if self.recipe.decode_audio:
                length = round(self.recipe.seconds * self.recipe.audio_rate)
                sample["audio"] = torch.rand(length, generator=generator) - 0.5
            if self.recipe.boxes:
                sample["boxes"] = torch.tensor([[0.25, 0.25, 0.75, 0.75]])
            sample = transform(sample)
            clips.append(_with_boxes(sample) if self.recipe.boxes else _batched(sample["video"]))
        return clips


def open_source(
    text: str,
    *,
    weights: str | None = None,
    seconds: float | None = None,
    transform: str | None = None,
    changes: Mapping[str, Any] | None = None,
    seed: int = 0,
    registry: ptv_registry.Registry | None = None,
) -> Source:
    """The model that a spec, a lock (``.json``) or a checkpoint (``.ckpt``) means.

    Args:
        text: the spec or the path.
        weights: for a spec or a lock: name of published weights, a file, or an address.
        seconds, transform: instead of what the checkpoint or the model's builder says.
        changes: attributes of the model's input by name, see :func:`ptv_train.clip_recipe.recipe_for`.
        seed: of random weights.
        registry: where names are looked up, for instance one with ``trusted_dists``.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        NoInputDescriptionError: nobody says what clips the model takes.
        ArgumentError: the lock does not exist, or the source is an exported model already.
    """
    torch.manual_seed(seed)
    found = load_source(text, weights=weights, seconds=seconds, transform=transform, changes=changes, registry=registry)
    if not isinstance(found.model, nn.Module):
        raise ArgumentError(f"{text} is an exported model already; give the checkpoint or the spec that it was made of")
    name = Path(text).name if Path(text).suffix in (".ckpt", ".json") else text
    return Source(name, found.model, About(found.categories, asdict(found.recipe), found.weights), registry)


@frozen
class Clips:
    """Inputs of batch size 1.

    Attributes:
        inputs: one per clip.
        labels: their classes, if the dataset knows the model's.
    """

    inputs: list[Nested]
    labels: list[int] | None


def clips_of(dataset_spec: str, source: Source, count: int) -> Clips:
    """Inputs from clips spread evenly over a dataset; its transform is the model's, unless it has one.

    Raises:
        ArgumentError: the dataset gives no clips.
    """
    spec = ptv_registry.parse(dataset_spec)
    if "transform" not in spec.args:
        spec = evolve(spec, args={**spec.args, "transform": ptv_registry.parse(source.recipe.transform)})
    dataset = ptv_registry.build(spec, kind="dataset", registry=source.registry)
    total = len(dataset)
    if total == 0:
        raise ArgumentError(f"{dataset_spec} has no clips to calibrate on")
    chosen = dict.fromkeys(int(i * total / min(count, total)) for i in range(min(count, total)))
    samples = [dataset[index] for index in chosen]
    known = source.about.categories and source.about.categories == tuple(getattr(dataset, "class_names", None) or ())
    labels = [int(sample["label"]) for sample in samples] if known else None
    return Clips([_batched(_video(sample, dataset_spec)) for sample in samples], labels)


def _video(sample: Any, dataset_spec: str) -> Nested:
    if not isinstance(sample, Mapping) or "video" not in sample:
        raise ArgumentError(f"{dataset_spec} gives no samples with a video")
    return sample["video"]


def _with_boxes(sample: Mapping[str, Any]) -> Nested:
    """The two arguments of a model that scores boxes: a clip, and rows of its number and a box in pixels."""
    boxes = sample["boxes"]
    return _batched(sample["video"]), torch.cat([torch.zeros(len(boxes), 1), boxes], 1)


def _batched(clip: Any) -> Nested:
    inputs = each_tensor(clip, lambda tensor: tensor[None].contiguous())
    return list(inputs) if isinstance(inputs, tuple) else inputs  # pathways are one argument
