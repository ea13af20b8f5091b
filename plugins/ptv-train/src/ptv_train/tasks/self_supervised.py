"""Self-supervised tasks: SimCLR, BYOL, MoCo v2, memory bank. The model learns features; a classifier comes afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import nn
from torchmetrics import MeanMetric

import ptv_registry
from ptv_cards.scores import Scores
from ptv_registry.errors import ArgumentError
from ptv_ssl import BYOL, MemoryBank, MoCoV2, SimCLR
from ptv_ssl.projection import without_classifier
from ptv_train.checks import check_positive
from ptv_train.tasks.neighbours import Neighbours
from ptv_train.tasks.two_view_data import TwoViewData
from ptv_train.training.classifier_model import build_classifier
from ptv_train.training.task import Task
from ptv_train.training.train_accuracy import TrainMetrics

VIEW: Final = "contrastive_view"
"""What makes a view of a clip by default."""


class SelfSupervised(Task):
    """What the self-supervised tasks share: two views of a clip, features, and their nearest neighbours.

    The model is a classifier like any other. What goes into its last layer is learnt; that layer itself is not, and gets
    its turn afterwards: ``--weights RUN/last.ckpt --freeze backbone`` trains it alone (a linear probe), and without
    ``--freeze`` all of the model is fine-tuned. Where videos have labels, a validation says how many clips of ``val`` have
    the class of their nearest neighbours among the clips trained on last, ``knn_top1``; the labels are not learnt.

    Args:
        classes: names of the classes; there may be none.
        augmentation: spec of what makes a view of a clip (C, T, H, W) of uint8.
        neighbours: how many vote.
        remembered: among how many clips trained on last the neighbours are looked for.
    """

    score = "knn_top1"

    def __init__(self, classes: Sequence[str], augmentation: str, neighbours: int, remembered: int) -> None:
        super().__init__()
        ptv_registry.resolve(augmentation, kind="transform")
        self.classes = tuple(classes)
        self.train_metrics = TrainMetrics({}, prefix="train_")
        self.nearest = MeanMetric()
        self._neighbours, self._remembered = neighbours, remembered
        self._videos = 0

    @classmethod
    def data(cls, arguments: Mapping[str, Any]) -> TwoViewData:
        """Two views of each clip."""
        return TwoViewData(str(arguments["augmentation"]))

    def prepare(self, train: Any) -> None:
        """Count the videos."""
        self._videos = len(getattr(train, "videos", ()))

    def build_model(self, plan: ptv_registry.Plan) -> tuple[nn.Module, ptv_registry.Plan]:
        """The model, with what learns beside it.

        Raises:
            ArgumentError: see :meth:`attach`.
        """
        model: nn.Module
        if self.classes:
            model, plan = build_classifier(plan, len(self.classes))
        else:
            model = ptv_registry.build(plan)
        self.attach(model, plan.root.name)
        return model, plan

    def attach(self, model: nn.Module, name: str) -> None:
        """Add to the task what learns beside a model.

        Args:
            model: says where its classifier is (``classifier_path``).
            name: of the model, for messages.

        Raises:
            ArgumentError: it does not say it.
        """
        classifier = getattr(model, "classifier_path", None)
        if classifier is None:
            raise ArgumentError(
                f"{name} does not say where its classifier is (an attribute classifier_path), so there is no "
                "telling what its features are"
            )
        layer = model.get_submodule(classifier)
        self.features = without_classifier(model, [classifier, getattr(model, "score_activation", None)])
        self.method = self._method(self.features, int(layer.in_features))  # type: ignore[arg-type]
        layer.requires_grad_(False)
        self.knn = Neighbours(self._remembered, int(layer.in_features), self._neighbours)  # type: ignore[arg-type]

    def _method(self, features: nn.Module, dim: int) -> nn.Module:
        """The module that gives the loss of two views.

        Args:
            features: makes features (B, dim) of clips.
            dim: of the features.
        """
        raise NotImplementedError

    def _loss(self, batch: dict[str, Any]) -> torch.Tensor:
        loss: torch.Tensor = self.method(batch["video"], batch["second_view"])
        return loss

    def scores_of(self, model: nn.Module) -> Scores:
        """What an untrained classifier says means nothing."""
        return "features"

    def training_loss(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """The loss of the method; features of the first view are remembered."""
        kept: list[torch.Tensor] = []
        handle = self.features.register_forward_hook(lambda module, given, output: kept.append(output.detach()))
        try:
            loss = self._loss(batch)
        finally:
            handle.remove()
        if kept and "label" in batch:
            self.knn.remember(kept[0], batch["label"])
        return loss

    def validate(self, model: nn.Module, batch: dict[str, Any]) -> None:
        """Count the clips that have the class of their neighbours."""
        labels = batch.get("label")
        found = None if labels is None else self.knn.classify(self.features(batch["video"]))
        if labels is not None and found is not None and bool((labels >= 0).any()):
            self.nearest.update((found == labels)[labels >= 0].float())

    def results(self, device: torch.device) -> dict[str, torch.Tensor]:
        """``knn_top1``; 0 while no clip with a label was trained on."""
        self.nearest.update(torch.zeros(1, device=device), weight=torch.zeros(1, device=device))
        value = self.nearest.compute().nan_to_num()
        self.nearest.reset()
        return {"knn_top1": value}

    def predict(self, model: nn.Module, batch: dict[str, Any]) -> torch.Tensor:
        """Features (B, C)."""
        found: torch.Tensor = self.features(batch["video"])
        return found


class SimClrTask(SelfSupervised):
    """SimCLR (https://arxiv.org/abs/2002.05709): which second view belongs to which first one, among all of the batch.

    In a distributed training the views of all ranks are compared.

    Args:
        classes, augmentation, neighbours, remembered: see :class:`SelfSupervised`.
        dim: of the embeddings.
        hidden: of the projection, an MLP with one layer inside; 0 for as many as the features have.
        temperature: divides the similarities, at the beginning.
        final_temperature: at the end, on a half cosine; ``None`` for the same.
    """

    def __init__(
        self,
        classes: Sequence[str],
        dim: int = 128,
        hidden: int = 0,
        temperature: float = 0.1,
        final_temperature: float | None = None,
        augmentation: str = VIEW,
        neighbours: int = 20,
        remembered: int = 4096,
    ) -> None:
        super().__init__(classes, augmentation, neighbours, remembered)
        self._dims = dim, hidden
        self._temperatures = _ends("temperature", temperature, final_temperature)

    def _method(self, features: nn.Module, dim: int) -> nn.Module:
        return SimCLR(_projection(dim, *self._dims), features, self._temperatures[0])

    def at_step(self, step: int, steps: int) -> None:
        """Set the temperature."""
        self.method.temperature = between(*self._temperatures, step, steps)  # type: ignore[assignment]


class ByolTask(SelfSupervised):
    """BYOL (https://arxiv.org/abs/2006.07733): what a slow copy of the model makes of the other view is predicted.

    Args:
        classes, augmentation, neighbours, remembered: see :class:`SelfSupervised`.
        dim: of the embeddings.
        hidden: of projection and predictor; 0 for twice the features.
        momentum: share of its weights that the copy keeps at each step, at the beginning.
        final_momentum: at the end, on a half cosine, as the paper has it.
    """

    def __init__(
        self,
        classes: Sequence[str],
        dim: int = 256,
        hidden: int = 0,
        momentum: float = 0.99,
        final_momentum: float = 1.0,
        augmentation: str = VIEW,
        neighbours: int = 20,
        remembered: int = 4096,
    ) -> None:
        super().__init__(classes, augmentation, neighbours, remembered)
        self._dims = dim, hidden
        self._momenta = momentum, final_momentum

    def _method(self, features: nn.Module, dim: int) -> nn.Module:
        size, hidden = self._dims[0], self._dims[1] or 2 * dim
        return BYOL(
            features,
            _projection(dim, size, hidden),
            _projection(size, size, hidden),
            feature_dim=size,
            mmt=self._momenta[0],
        )

    def at_step(self, step: int, steps: int) -> None:
        """Set the momentum."""
        self.method.update_mmt(between(*self._momenta, step, steps))  # type: ignore[operator]


class MoCoTask(SelfSupervised):
    """MoCo v2 (https://arxiv.org/abs/2003.04297): the key of the second view is told from a queue of earlier keys.

    In a distributed training the queue takes in the keys of all ranks.

    Args:
        classes, augmentation, neighbours, remembered: see :class:`SelfSupervised`.
        dim: of the embeddings.
        hidden: of the projection; 0 for as many as the features have.
        queue_size: number of keys.
        momentum: share of its weights that the copy of the model keeps at each step, at the beginning.
        final_momentum: at the end, on a half cosine; ``None`` for the same.
        temperature: divides the similarities, at the beginning.
        final_temperature: at the end, likewise; ``None`` for the same.
    """

    def __init__(
        self,
        classes: Sequence[str],
        dim: int = 128,
        hidden: int = 0,
        queue_size: int = 65536,
        momentum: float = 0.999,
        final_momentum: float | None = None,
        temperature: float = 0.2,
        final_temperature: float | None = None,
        augmentation: str = VIEW,
        neighbours: int = 20,
        remembered: int = 4096,
    ) -> None:
        super().__init__(classes, augmentation, neighbours, remembered)
        self._dims, self._queue_size = (dim, hidden), queue_size
        self._momenta = momentum, momentum if final_momentum is None else final_momentum
        self._temperatures = _ends("temperature", temperature, final_temperature)

    def _method(self, features: nn.Module, dim: int) -> nn.Module:
        return MoCoV2(
            features,
            _projection(dim, *self._dims),
            dim=self._dims[0],
            queue_size=self._queue_size,
            mmt=self._momenta[0],
            temperature=self._temperatures[0],
        )

    def at_step(self, step: int, steps: int) -> None:
        """Set momentum and temperature."""
        self.method.mmt = between(*self._momenta, step, steps)  # type: ignore[assignment]
        self.method.temperature = between(*self._temperatures, step, steps)  # type: ignore[assignment]


class MemoryBankTask(SelfSupervised):
    """Instance discrimination (https://arxiv.org/abs/1805.01978): each video is told from others that are remembered.

    An embedding of every video of the training is remembered; only the first view is used.

    Args:
        classes, augmentation, neighbours, remembered: see :class:`SelfSupervised`.
        dim: of the embeddings.
        hidden: of the projection; 0 for as many as the features have.
        negatives: how many others a video is told from.
        momentum: share of a remembered embedding that stays when its video comes again.
        temperature: divides the similarities, at the beginning.
        final_temperature: at the end, on a half cosine; ``None`` for the same.
    """

    def __init__(
        self,
        classes: Sequence[str],
        dim: int = 128,
        hidden: int = 0,
        negatives: int = 4096,
        momentum: float = 0.5,
        temperature: float = 0.07,
        final_temperature: float | None = None,
        augmentation: str = VIEW,
        neighbours: int = 20,
        remembered: int = 4096,
    ) -> None:
        super().__init__(classes, augmentation, neighbours, remembered)
        self._dims, self._negatives, self._momentum = (dim, hidden), negatives, momentum
        self._temperatures = _ends("temperature", temperature, final_temperature)

    def _method(self, features: nn.Module, dim: int) -> nn.Module:
        if not self._videos:
            raise ArgumentError("memory_bank remembers each video, and this dataset does not say how many it has")
        return MemoryBank(
            features,
            _projection(dim, *self._dims),
            neg_size=self._negatives,
            temperature=self._temperatures[0],
            bank_size=self._videos,
            dim=self._dims[0],
            mmt=self._momentum,
        )

    def _loss(self, batch: dict[str, Any]) -> torch.Tensor:
        loss: torch.Tensor = self.method(batch["video"], batch["video_index"])
        return loss

    def at_step(self, step: int, steps: int) -> None:
        """Set the temperature."""
        self.method.temperature = between(*self._temperatures, step, steps)  # type: ignore[assignment]


def between(start: float, end: float, step: int, steps: int) -> float:
    """The value after so many of all steps, on a half cosine from start to end."""
    return end - (end - start) * (math.cos(math.pi * min(1.0, step / max(1, steps))) + 1) / 2


def _ends(name: str, start: float, end: float | None) -> tuple[float, float]:
    check_positive(name, start)
    if end is not None:
        check_positive(f"final_{name}", end)
    return start, start if end is None else end


def _projection(dim: int, size: int, hidden: int) -> nn.Sequential:
    """An MLP with one layer inside, and a norm after it."""
    if size < 1 or hidden < 0:
        raise ArgumentError(f"dim={size!r} must be at least 1, and hidden={hidden!r} at least 0")
    inside = hidden or dim
    return nn.Sequential(
        nn.Linear(dim, inside, bias=False), nn.BatchNorm1d(inside), nn.ReLU(inplace=True), nn.Linear(inside, size)
    )
