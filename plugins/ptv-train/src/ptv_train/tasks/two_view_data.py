"""Two views of each clip, for self-supervised learning."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from torch.utils.data import Dataset

from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.tasks.data import TaskData


class TwoViewData(TaskData):
    """Clips of which a training sees two views; labels are for measuring alone, and may be missing.

    Args:
        augmentation: spec of what makes a view of a clip, see :class:`ptv_transforms.two_views.TwoViews`.
    """

    def __init__(self, augmentation: str) -> None:
        self._augmentation = augmentation

    def training(self, source: Any, recipe: ClipRecipe, *, seed: int, on_error: Any) -> Dataset[Any]:
        """See :meth:`TaskData.training`; the clips are decoded once for both views."""
        one = recipe.train_transform or recipe.transform
        both = f"two_views(augmentation={self._augmentation}, transform={one})"
        return super().training(source, evolve(recipe, train_transform=both), seed=seed, on_error=on_error)

    def classes(self, dataset: Any) -> list[str]:
        """The classes of the dataset; none for videos without labels."""
        try:
            return super().classes(dataset)
        except ArgumentError:
            return []
