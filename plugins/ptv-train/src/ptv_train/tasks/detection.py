"""``Detection``: the task of telling what each person in a box does."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

import ptv_registry
from ptv_cards.scores import Scores, scores_of
from ptv_datasets.ava import AvaLabeledVideoFramePaths
from ptv_registry.errors import ArgumentError
from ptv_train.checks import check_share
from ptv_train.components.losses import binary_cross_entropy
from ptv_train.run.parts import name_of, naming
from ptv_train.slots import Loss
from ptv_train.tasks.box_data import BoxData, parts_of
from ptv_train.tasks.frame_map import (
    MOST_DETECTIONS,
    ActionBox,
    GroundTruth,
    KeyFrame,
    frame_average_precisions,
    key_frame,
    read_excluded,
    read_ground_truth,
)
from ptv_train.training.classifier_model import build_classifier
from ptv_train.training.task import Task
from ptv_train.training.train_accuracy import TrainMetrics


class Detection(Task):
    """The actions of people in boxes, of which several may hold together (AVA, https://research.google.com/ava/).

    The model takes clips and boxes (N, 5) and gives a score per action (N, actions), as the detection networks of Slow and
    SlowFast do. It learns with the boxes of the dataset. A validation is measured by the frame mAP of the official
    protocol, see :mod:`ptv_train.tasks.frame_map`: of the boxes that are given, or, where ``ground_truth`` names a file,
    of boxes that a detector found, which the dataset then has (``frame_labels_file=`` its CSV, whose last column is the
    score of the box).

    Args:
        classes: names of the actions; the first is number 1.
        loss: of logits (N, actions) and labels (N, actions), zeros and ones, to a scalar.
        ground_truth: CSV of what is to be found, such as ``ava_val_v2.2.csv``; empty for the boxes of the dataset.
        excluded: CSV of key frames that do not count, such as ``ava_val_excluded_timestamps_v2.2.csv``.
        label_map: ``.pbtxt`` of the actions that count, such as that of the 60 that are measured; empty for all.
        box_score: boxes of a detector that have a lower score are left out.

    Raises:
        ArgumentError: an argument is out of range, or the loss does not suit.
        LabelFileError: a file cannot be understood.
    """

    label_vectors = True
    score = "frame_map"

    def __init__(
        self,
        classes: Sequence[str],
        loss: Loss = binary_cross_entropy,
        ground_truth: str = "",
        excluded: str = "",
        label_map: str = "",
        box_score: float = 0.8,
    ) -> None:
        super().__init__()
        check_share("box_score", box_score)
        self.classes = tuple(classes)
        self.loss = loss()
        with naming("loss", name_of(loss)):
            self.loss(torch.zeros(2, len(self.classes)), torch.zeros(2, len(self.classes)))
        self.train_metrics = TrainMetrics({}, prefix="train_")
        self._excluded = read_excluded(excluded) if excluded else set()
        self._truth = read_ground_truth(ground_truth, self._excluded) if ground_truth else None
        known = range(1, len(self.classes) + 1)
        self._actions = AvaLabeledVideoFramePaths.read_label_map(label_map)[1] if label_map else set(known)
        self._forget()

    @classmethod
    def data(cls, arguments: Mapping[str, Any]) -> BoxData:
        """Key frames with boxes."""
        return BoxData(float(arguments["box_score"]))

    def build_model(self, plan: ptv_registry.Plan) -> tuple[nn.Module, ptv_registry.Plan]:
        """The model with as many classes as there are actions.

        Raises:
            ArgumentError: it has another number, takes no boxes, or its scores are shares of classes that exclude each
                other.
        """
        model, plan = build_classifier(plan, len(self.classes))
        if len(inspect.signature(model.forward).parameters) != 2:
            raise ArgumentError(
                f"{plan.root.name} scores clips, and this task needs a model that takes clips and boxes, such as "
                "slow_r50_detection or slowfast_r50_detection"
            )
        self.scores_of(model)
        return model, plan

    def scores_of(self, model: nn.Module) -> Scores:
        """A probability per action, or its logit.

        Raises:
            ArgumentError: the model ends in a softmax.
        """
        found = scores_of(model)
        if found == "probabilities":
            raise ArgumentError("actions do not exclude each other; give the head another activation (sigmoid)")
        return "label_logits" if found == "logits" else found

    def size(self, batch: dict[str, Any]) -> int:
        """How many clips a batch has."""
        return sum(super(Detection, self).size(part) for part in parts_of(batch))

    def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """The loss of the boxes that have an action; 0 if there is none."""
        losses = [self._loss(model(part["video"], part["boxes"]), part) for part in parts_of(batch)]
        return torch.stack(losses).mean()

    def validate(self, model: nn.Module, batch: dict[str, Any]) -> None:
        """Keep the scores of all boxes, and what the boxes are of."""
        for part in parts_of(batch):
            films, seconds = part["film"], part["second"].tolist()
            frames = [key_frame(film, second) for film, second in zip(films, seconds, strict=True)]
            self._frames.update(dict.fromkeys(frames))
            logits = model(part["video"], part["boxes"]).float()
            if part["has_label"].any():
                self._losses.append(float(self._loss(logits, part)))
            scores = logits.sigmoid().cpu()
            of_clip = part["boxes"][:, 0].long().tolist()
            boxes, labels = part["given_boxes"].double().cpu().tolist(), part["label"].cpu()
            for number, clip in enumerate(of_clip):
                corners = tuple(round(corner, 6) for corner in boxes[number])
                for action in labels[number].nonzero().flatten().tolist():
                    self._given.append(ActionBox(frames[clip], corners, action + 1))
                best = scores[number].topk(min(MOST_DETECTIONS, scores.shape[1]))
                for score, action in zip(best.values.tolist(), best.indices.tolist(), strict=True):
                    self._found.append(ActionBox(frames[clip], corners, action + 1, score))

    def results(self, device: torch.device) -> dict[str, torch.Tensor]:
        """``frame_map``, and the ``loss`` where boxes have actions."""
        mine: list[list[Any]] = [list(self._frames), self._given, self._found, self._losses]
        ranks = [mine]
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            ranks = [[] for _ in range(torch.distributed.get_world_size())]
            torch.distributed.all_gather_object(ranks, mine)
        self._forget()
        frames, given, found, losses = ([item for rank in ranks for item in rank[place]] for place in range(len(mine)))
        truth = self._truth or GroundTruth(
            [frame for frame in frames if frame not in self._excluded],
            [box for box in given if box.frame not in self._excluded],
        )
        if not frames:
            return {}
        precisions = frame_average_precisions(truth, found, self._actions)
        known = [value for value in precisions.values() if not math.isnan(value)]
        self.tables = {
            "classes": [
                {
                    "class": self.classes[action - 1] if action <= len(self.classes) else str(action),
                    "action": action,
                    "average_precision": None if math.isnan(value) else value,
                }
                for action, value in sorted(precisions.items())
            ],
            "detections": [_row(box) for box in found],
        }
        values = {"frame_map": sum(known) / len(known) if known else math.nan}
        if losses:
            values["loss"] = sum(losses) / len(losses)
        return {name: torch.tensor(value, device=device) for name, value in values.items()}

    def predict(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """Scores (N, actions) of the boxes of a batch, in the order of its parts."""
        return torch.cat([model(part["video"], part["boxes"]) for part in parts_of(batch)])

    def _loss(self, logits: torch.Tensor, part: dict[str, Any]) -> torch.Tensor:
        labelled = part["has_label"]
        if not bool(labelled.any()):
            return logits.sum() * 0
        loss: torch.Tensor = self.loss(logits[labelled], part["label"][labelled].to(logits.dtype))
        return loss

    def _forget(self) -> None:
        self._frames: dict[KeyFrame, None] = {}
        self._given: list[ActionBox] = []
        self._found: list[ActionBox] = []
        self._losses: list[float] = []


def _row(box: ActionBox) -> dict[str, Any]:
    """A detection as the official CSV has it; AVA writes seconds with four digits."""
    video, second = box.frame
    time = f"{int(second):04}" if second == int(second) else f"{second:g}"
    x1, y1, x2, y2 = box.box
    return {"video": video, "second": time, "x1": x1, "y1": y1, "x2": x2, "y2": y2, "action": box.action} | {
        "score": round(box.score, 6)
    }
