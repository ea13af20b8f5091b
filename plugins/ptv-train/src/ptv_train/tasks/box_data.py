"""Clips with boxes around people: reading AVA and sets like it, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from attrs import frozen
from torch.utils.data import Dataset, default_collate

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.evaluation.views import Views
from ptv_train.tasks.data import Collate, TaskData

_KEPT = ("boxes", "given_boxes", "labels", "extra_info")


class BoxData(TaskData):
    """Key frames with boxes, whose samples are those of :class:`ptv_datasets.Ava`.

    Args:
        box_score: boxes of a detector, those without an action, that have a lower score are left out.
    """

    def __init__(self, box_score: float) -> None:
        self._box_score = box_score

    def recipe(self, plan: ptv_registry.Plan, asked: ClipRecipe | None) -> ClipRecipe:
        """See :meth:`TaskData.recipe`; the transform must move boxes along.

        Raises:
            ArgumentError: it does not.
        """
        found = super().recipe(plan, asked)
        if "boxes_to_pixels" not in found.transform:
            raise ArgumentError(
                f"the transform {found.transform} leaves boxes where they are; take a model that scores boxes "
                "(slow_r50_detection, slowfast_r50_detection), or a transform with boxes_to_pixels and steps that move "
                "boxes (--transform)"
            )
        return found

    def validation(
        self,
        source: Any,
        recipe: ClipRecipe,
        classes: Sequence[str],
        *,
        on_error: Any,
        views: Views | None = None,
    ) -> Dataset[Any]:
        """See :meth:`TaskData.validation`.

        Raises:
            ArgumentError: there are several views; a key frame has one clip around it, with the whole frame.
        """
        if views is not None and views.count != 1:
            raise ArgumentError(
                f"views={views}: a key frame has one clip around it, with the whole frame; leave it out"
            )
        return self._validation(source, recipe, on_error, None, None)

    def classes(self, dataset: Any) -> list[str]:
        """The actions, from number 1 to the highest: their names in the label map, or their numbers.

        Raises:
            ArgumentError: the dataset has no boxes with actions.
        """
        names = getattr(dataset, "action_names", None) or {}
        highest = max(names, default=0) or max(_actions(dataset), default=0)
        if highest < 1:
            raise ArgumentError(
                f"{type(dataset).__name__} has no boxes with actions to learn; give ava(frame_paths_file=..., "
                "frame_labels_file=...)"
            )
        return [names.get(number, str(number)) for number in range(1, highest + 1)]

    def collate(self, dataset: Any, classes: Sequence[str]) -> Collate:
        """Makes batches, see :class:`BoxCollate`."""
        return BoxCollate(len(classes), self._box_score)


@frozen
class BoxCollate:
    """Makes a batch of clips and all of their boxes.

    ``video`` is clips (B, C, T, H, W) or pathways of such; ``boxes`` (N, 5) are the number of the clip, and x1, y1, x2, y2
    in its pixels; ``given_boxes`` (N, 4) the same in shares of the whole frame; ``label`` (N, actions) zeros and ones;
    ``has_label`` (N) whether the box has an action. What a crop left nothing of is left out. Clips of several sizes,
    which films of several shapes have without a crop, are ``parts``: a batch for each size.

    Attributes:
        actions: how many there are; number 1 is the first.
        box_score: the lowest score of a detected box.
    """

    actions: int
    box_score: float = 0.0

    def __call__(self, samples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch."""
        sizes: dict[Any, list[dict[str, Any]]] = {}
        for sample in samples:
            clip = sample["video"]
            shapes = tuple(tuple(part.shape) for part in (clip if isinstance(clip, list | tuple) else [clip]))
            sizes.setdefault(shapes, []).append(sample)
        parts = [self._of_one_size(group) for group in sizes.values()]
        return parts[0] if len(parts) == 1 else {"parts": parts}

    def _of_one_size(self, samples: list[dict[str, Any]]) -> dict[str, Any]:
        batch = dict(default_collate([{k: v for k, v in sample.items() if k not in _KEPT} for sample in samples]))
        boxes, given, labels = [torch.zeros(0, 5)], [torch.zeros(0, 4)], [torch.zeros(0, self.actions)]
        for number, sample in enumerate(samples):
            for box, whole, actions, extra in zip(*(sample[key] for key in _KEPT), strict=True):
                detected = all(action < 1 for action in actions)
                if (detected and max(extra) < self.box_score) or not bool((box[2:] > box[:2]).all()):
                    continue
                vector = torch.zeros(1, self.actions)
                for action in actions:
                    if action > self.actions:
                        raise ArgumentError(f"a box has action {action}, and there are {self.actions}")
                    if action >= 1:
                        vector[0, action - 1] = 1
                boxes.append(torch.cat([torch.tensor([float(number)]), box.float()])[None])
                given.append(whole[None].float())
                labels.append(vector)
        label = torch.cat(labels)
        return {
            **batch,
            "boxes": torch.cat(boxes),
            "given_boxes": torch.cat(given),
            "label": label,
            "has_label": label.any(1),
        }


def parts_of(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The batches of one size that a batch consists of."""
    parts: list[dict[str, Any]] = batch.get("parts", [batch])
    return parts


def _actions(dataset: Any) -> set[int]:
    """The numbers of the actions that occur."""
    videos = getattr(dataset, "videos", ())
    return {action for video in videos for box in video.info.get("labels") or () for action in box}
