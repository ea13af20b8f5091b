"""``Task``: the contract between a training and what it teaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

import ptv_registry
from ptv_cards.scores import Scores, scores_of
from ptv_train.training.train_accuracy import TrainMetrics

if TYPE_CHECKING:
    from ptv_train.tasks.data import TaskData


class Task(nn.Module):
    """What a run learns; components of kind ``task`` derive from it.

    The datasets come from :meth:`data`. The training calls a task with the names of the classes (``classes``), builds the
    model with :meth:`build_model`, and then calls :meth:`training_loss` for each batch of the training, :meth:`validate` for each batch of a validation and
    :meth:`results` at its end. A batch is what the dataset's samples collate to, on the model's device, after the batch
    transforms; ``batch["video"]`` are clips (B, C, T, H, W), or a list of such for several pathways.

    A task is a module: what learns beside the model (a projection, prototypes) is a parameter of it, and what a checkpoint
    has to keep (a queue of negatives) is a buffer.

    Attributes:
        train_metrics: metrics of the epoch, updated by :meth:`training_loss`; logged as ``train_NAME``, and saved within
            an epoch.
        score: the name among :meth:`results` that says which checkpoint is the best; higher is better.
        label_vectors: whether ``label`` of a batch is vectors (B, classes), which batch transforms are told.
        tables: what the last :meth:`results` were made of, as rows by the name of the table; a report of ``ptv eval``
            writes each as a CSV file.
    """

    train_metrics: TrainMetrics
    score: str = ""
    label_vectors: bool = False

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[dict[str, Any]]] = {}

    @classmethod
    def data(cls, arguments: Mapping[str, Any]) -> TaskData:
        """How the datasets are made; labelled videos of one class each, unless a task says something else.

        Args:
            arguments: those that the task will be called with, by name.
        """
        from ptv_train.tasks.data import TaskData

        return TaskData()

    def prepare(self, train: Any) -> None:
        """Look at the dataset of the training, before the model is built."""

    def at_step(self, step: int, steps: int) -> None:
        """Told before each batch of the training: how many steps of the optimizer are done, of how many."""

    def scores_of(self, model: nn.Module) -> Scores:
        """What the scores of the trained model are."""
        return scores_of(model)

    def size(self, batch: dict[str, Any]) -> int:
        """How many clips a batch has."""
        clips = batch["video"]
        return len(clips[0] if isinstance(clips, list | tuple) else clips)

    def build_model(self, plan: ptv_registry.Plan) -> tuple[nn.Module, ptv_registry.Plan]:
        """The model that is trained, and the plan that it was built from.

        Raises:
            ArgumentError: the model does not suit the task.
        """
        model: nn.Module = ptv_registry.build(plan)
        return model, plan

    def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """The loss of a batch, a scalar that gradients flow from."""
        raise NotImplementedError

    def validate(self, model: nn.Module, batch: dict[str, Any]) -> None:
        """Keep what :meth:`results` needs of a batch of the validation; the model is in eval mode, without gradients."""
        raise NotImplementedError

    def results(self, device: torch.device) -> dict[str, torch.Tensor]:
        """Scalars of the validation over all ranks, logged as ``val_NAME``; what was kept is forgotten.

        All ranks call it, one without a batch too.

        Args:
            device: where the ranks exchange tensors.
        """
        raise NotImplementedError

    def predict(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """What the trained model says of a batch: scores (B, classes) where there are classes."""
        scores: torch.Tensor = model(batch["video"])
        return scores
