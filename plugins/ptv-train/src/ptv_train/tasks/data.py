"""``TaskData``: the datasets of a task, for training, validation and evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils.data import Dataset, SequentialSampler, default_collate

import ptv_registry
from ptv_datasets.recognise import dataset_for
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe, recipe_for
from ptv_train.evaluation.views import Views, view_transform
from ptv_train.run.data import categories_of, check_described, sound_and_pictures, training_data

Collate = Callable[[list[Any]], Any]


class TaskData:
    """Labelled videos of one class each; other tasks derive from it and say what is different.

    One is made by :meth:`ptv_train.training.task.Task.data` from the arguments of the task, before anything is read.
    """

    def recipe(self, plan: ptv_registry.Plan, asked: ClipRecipe | None) -> ClipRecipe:
        """How clips become input: as asked, or as the model of a plan says.

        Raises:
            NoInputDescriptionError: nobody says it.
        """
        return asked or recipe_for(plan)

    def check(self, source: Any, asked: ClipRecipe | None) -> None:
        """Refuse a dataset that makes clips in its own way while nobody says how they are made for evaluation."""
        if asked is None:
            check_described(source)

    def training(self, source: Any, recipe: ClipRecipe, *, seed: int, on_error: Any) -> Dataset[Any]:
        """What is learnt from; see :func:`ptv_train.run.data.training_data`."""
        return training_data(source, recipe, seed=seed, on_error=on_error)

    def validation(
        self,
        source: Any,
        recipe: ClipRecipe,
        classes: Sequence[str],
        *,
        on_error: Any,
        views: Views | None = None,
    ) -> Dataset[Any]:
        """What the task is measured on, videos in their own order.

        Args:
            source: see :func:`ptv_datasets.recognise.dataset_for`.
            recipe: of the model.
            classes: those of training, in order.
            on_error: what becomes of videos that cannot be read.
            views: of each video; one clip in the middle by default.
        """
        return self._validation(source, recipe, on_error, views, classes)

    def classes(self, dataset: Dataset[Any]) -> list[str]:
        """The names of the classes that are learnt.

        Raises:
            ArgumentError: the dataset has none.
        """
        return categories_of(dataset)

    def collate(self, dataset: Dataset[Any], classes: Sequence[str]) -> Collate | None:
        """Makes batches of samples; ``None`` for torch's own way."""
        return None

    @staticmethod
    def _validation(
        source: Any, recipe: ClipRecipe, on_error: Any, views: Views | None, classes: Sequence[str] | None
    ) -> Dataset[Any]:
        chosen = views or Views()
        dataset: Dataset[Any] = dataset_for(
            source,
            clip_sampler=f"even_clips(clip_duration={recipe.seconds!r}, clips={chosen.clips})",
            transform=recipe.transform if chosen.crops == 1 else view_transform(recipe.transform, chosen),
            video_sampler=SequentialSampler,
            class_names=classes,
            on_error=on_error,
            **sound_and_pictures(recipe),
        )
        return dataset


def collate_views(samples: Sequence[Any]) -> dict[str, Any]:
    """A batch of samples, or of the lists of samples that several crops of a clip are."""
    return dict(
        default_collate([view for sample in samples for view in (sample if isinstance(sample, list) else [sample])])
    )


def class_numbers(names: Mapping[str, int], wanted: Sequence[str], what: str) -> list[int]:
    """The numbers of classes by their names.

    Raises:
        ArgumentError: a name is not one of them.
    """
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise ArgumentError(
            f"{what} {unknown[0]!r} is not one of the {len(names)} classes of training ({', '.join(list(names)[:5])}"
            f"{', ...' if len(names) > 5 else ''})"
        )
    return [names[name] for name in wanted]


def to_device(batch: Any, device: torch.device) -> Any:
    """A batch with all its tensors on a device."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(to_device(value, device) for value in batch)
    return batch
