"""Several labels of one clip: vectors with a one for each, from the datasets that have them and from label files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch
from attrs import frozen
from torch.utils.data import Dataset

from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.evaluation.views import Views
from ptv_train.run.data import categories_of
from ptv_train.tasks.data import Collate, TaskData, class_numbers, collate_views

SEPARATOR: Final = ";"
"""What stands between the labels of a video in a label file."""


class SeveralLabels(TaskData):
    """Clips with a vector of labels (classes), such as those of Charades; or with labels as text, ``run;jump``.

    The classes of videos whose labels are text are the parts, sorted. A video without label has none of them.
    """

    def validation(
        self,
        source: Any,
        recipe: ClipRecipe,
        classes: Sequence[str],
        *,
        on_error: Any,
        views: Views | None = None,
    ) -> Dataset[Any]:
        """See :meth:`TaskData.validation`; labels that training knows may come in any combination."""
        return self._validation(source, recipe, on_error, views, None)

    def classes(self, dataset: Any) -> list[str]:
        """The classes: ``c000`` to ``c156`` of Charades, or the parts of the labels.

        Raises:
            ArgumentError: the dataset has no labels, or only numbers.
        """
        count = getattr(dataset, "NUM_CLASSES", None)
        if count is not None:
            return [f"c{number:03}" for number in range(count)]
        return sorted({part for name in categories_of(dataset) for part in _parts(name)})

    def collate(self, dataset: Any, classes: Sequence[str]) -> Collate:
        """Makes batches whose ``label`` is (B, classes), zeros and ones.

        Raises:
            ArgumentError: the dataset has a class that is not one of ``classes``.
        """
        if getattr(dataset, "NUM_CLASSES", None) is not None:
            if dataset.NUM_CLASSES != len(classes):
                raise ArgumentError(f"the dataset has {dataset.NUM_CLASSES} classes, and the model {len(classes)}")
            return collate_views
        names = categories_of(dataset)
        numbers = {name: number for number, name in enumerate(classes)}
        table = torch.zeros(len(names) + 1, len(classes))  # the last row is of label -1, a video without label
        for row, name in enumerate(names):
            table[row, class_numbers(numbers, _parts(name), "the label")] = 1
        return _WithVectors(table)


@frozen(eq=False)
class _WithVectors:
    """Collates samples; their labels are rows of a table."""

    table: torch.Tensor

    def __call__(self, samples: list[Any]) -> dict[str, Any]:
        batch = collate_views(samples)
        return {**batch, "label": self.table[batch["label"]]}


def _parts(name: str) -> list[str]:
    return [part.strip() for part in name.split(SEPARATOR) if part.strip()]
