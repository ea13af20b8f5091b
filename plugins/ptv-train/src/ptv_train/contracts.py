"""The contracts of what a training is made of; see :mod:`ptv_registry.contracts`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from ptv_registry.contracts import Check, Contract, Made, Sample, Scaffold, Trial

if TYPE_CHECKING:
    import lightning.pytorch as pl
    import torch
    from torch import nn
    from torchmetrics import Metric

    from ptv_train.training.task import Task

_CLASSES: Final = ("run", "sit", "walk", "jump", "fall")
_STEPS: Final = 10


class TaskMaker(Protocol):
    """Makes a task."""

    def __call__(self, *, classes: Sequence[str]) -> Task:
        """A task for these classes."""


class OptimizerMaker(Protocol):
    """Makes an optimizer."""

    def __call__(self, *, params: list[dict[str, Any]], model: nn.Module = ...) -> torch.optim.Optimizer:
        """An optimizer of these groups of parameters."""


class ScheduleMaker(Protocol):
    """Makes the schedule of the learning rate."""

    def __call__(
        self, *, optimizer: torch.optim.Optimizer, steps: int = ..., epochs: int = ...
    ) -> torch.optim.lr_scheduler.LRScheduler:
        """A schedule of this optimizer's rates."""


class MetricMaker(Protocol):
    """Makes a metric."""

    def __call__(self, *, num_classes: int = ...) -> Metric:
        """A metric of scores (N, classes) and numbers of classes (N)."""


class BatchTransform(Protocol):
    """Changes a batch of two clips or more."""

    def __call__(self, clips: Any, labels: torch.Tensor) -> tuple[Any, torch.Tensor]:
        """Clips, a tensor (B, C, T, H, W) or a list of such for several pathways, and labels (B) or (B, classes)."""


class BatchTransformMaker(Protocol):
    """Makes a batch transform."""

    def __call__(self, *, num_classes: int = ..., one_hot: bool = ...) -> BatchTransform:
        """A batch transform."""


class CallbackMaker(Protocol):
    """Makes a callback."""

    def __call__(self) -> pl.Callback:
        """A callback of the trainer."""


class LossMaker(Protocol):
    """Makes a loss."""

    def __call__(self) -> nn.Module:
        """A module of logits (B, classes) and labels, (B) or (B, classes), to one number."""


def _is(expected: Any, output: Any, what: str) -> str | None:
    if not isinstance(output, expected):
        return f"it gives a {type(output).__name__}, where {what} is due"
    return None


def _classifier() -> Any:
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 2 * 4 * 4, len(_CLASSES)))


def _batch() -> dict[str, Any]:
    import torch

    return {
        "video": torch.rand(4, 3, 2, 4, 4),
        "label": torch.tensor([0, 1, 2, 3]),
        "video_index": torch.tensor([0, 1, 2, 3]),
        "clip_index": torch.zeros(4, dtype=torch.int64),
    }


# Losses


def _loss_of(*inputs: Any) -> Any:
    def use(loss: Any) -> Any:
        logits, *others = (make() for make in inputs)
        logits.requires_grad_()
        value = loss(logits, *others)
        gradient = None
        if getattr(value, "requires_grad", False) and value.ndim == 0:
            value.backward()
            gradient = logits.grad
        return {"value": getattr(value, "detach", lambda: value)(), "gradient": gradient}

    return use


def _logits() -> Any:
    import torch

    return torch.linspace(-2, 2, 4 * len(_CLASSES)).reshape(4, -1)


def _numbers() -> Any:
    import torch

    return torch.tensor([0, 1, 2, 3])


def _vectors() -> Any:
    import torch

    return torch.eye(4, len(_CLASSES))


def _one_number(trial: Trial) -> str | None:
    import torch

    value = trial.output["value"]
    if not isinstance(value, torch.Tensor):
        return f"it gives a {type(value).__name__}, where a tensor of one number is due"
    if value.ndim:
        return f"it gives {tuple(value.shape)} numbers for a batch, and training wants one; take their mean"
    return None


def _teaches(trial: Trial) -> str | None:
    import torch

    gradient = trial.output["gradient"]
    if _one_number(trial) is None and (gradient is None or not gradient.any() or not torch.isfinite(gradient).all()):
        return "no gradient flows from it to the logits, so that nothing learns; calculate with tensors, without detach(), item() or argmax()"
    return None


LOSS: Final = Contract(
    kind="loss",
    words=(
        "Made by the task, without arguments but those of the spec. Called with logits (B, classes), not probabilities, and labels: numbers of classes "
        "(B), or after a batch transform such as mixup shares of the classes (B, classes). Returns one number that gradients flow from. "
        "Losses of self-supervised models are called with two views (B, C) of a batch instead."
    ),
    protocol=LossMaker,
    samples=(
        Sample("a task of classification", use=_loss_of(_logits, _numbers)),
        Sample("a self-supervised model", use=_loss_of(_logits, lambda: _logits().flip(0))),
        Sample("a task of several labels", use=_loss_of(_logits, _vectors)),
    ),
    checks=(Check("gives_one_number", _one_number), Check("lets_gradients_flow", _teaches)),
    scaffold=Scaffold("ptv_train.scaffolds.loss", "MineLoss", testing=("ptv-train", "ptv-x3d")),
)

# Tasks


def _taught_on(batch: Any, model: Any, learns: Any) -> Any:
    """What a training does with a task: a step, a validation, and predictions.

    Args:
        batch: makes one.
        model: makes one, from the task.
        learns: the parameter of the model that gradients have to reach.
    """

    def use(task: Any) -> dict[str, Any]:
        import torch

        made = model(task)
        loss = task.training_loss(made, batch())
        loss.backward()
        with torch.no_grad():
            made.eval()
            task.validate(made, batch())
            results = task.results(torch.device("cpu"))
            scores = task.predict(made, batch())
        gradient = learns(made).grad
        return {"task": task, "loss": loss.detach(), "gradient": gradient, "results": results, "scores": scores}

    return use


def _last(model: Any) -> Any:
    return model[1].weight


def _batch_of_vectors() -> dict[str, Any]:
    return {**_batch(), "label": _vectors()}


def _batch_of_boxes() -> dict[str, Any]:
    import torch

    boxes = torch.tensor([[float(number), 0.0, 0.0, 2.0, 2.0] for number in range(4)])
    about = {"film": ["a", "a", "b", "b"], "second": torch.tensor([1.0, 2.0, 1.0, 2.0])}
    known = {"boxes": boxes, "given_boxes": boxes[:, 1:] / 4, "has_label": torch.ones(4, dtype=torch.bool)}
    return {**_batch_of_vectors(), **about, **known}


def _scores_boxes(task: Any) -> Any:
    from torch import nn

    class Boxes(nn.Sequential):
        """A classifier that takes boxes, one in each clip."""

        def forward(self, clips: Any, boxes: Any) -> Any:  # type: ignore[override]
            return super().forward(clips)

    return Boxes(*_classifier())


def _batch_of_views() -> dict[str, Any]:
    batch = _batch()
    return {**batch, "second_view": batch["video"].flip(2)}


def _with_features(task: Any) -> Any:
    """A model with features between two layers, of which the task is told."""
    from torch import nn

    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 2 * 4 * 4, 6), nn.Linear(6, len(_CLASSES)))
    model.classifier_path = "2"  # type: ignore[assignment]
    task.prepare(type("Videos", (), {"videos": range(4)})())
    task.attach(model, "a classifier")
    return model


def _is_task(trial: Trial) -> str | None:
    from ptv_train import Task

    return _is(Task, trial.component, "a ptv_train.Task (derive from it)")


def _has_loss(trial: Trial) -> str | None:
    if trial.output["loss"].ndim or trial.output["gradient"] is None:
        return "training_loss() has to return one number that gradients flow from to the model; call the model in it, and take a mean"
    return None


def _has_score(trial: Trial) -> str | None:
    task, results = trial.output["task"], trial.output["results"]
    if task.score not in results:
        return (
            f"its score is {task.score!r}, and results() has {', '.join(results) or 'nothing'}; name the result by which checkpoints are compared, "
            "higher is better"
        )
    return None


TASK: Final = Contract(
    kind="task",
    words=(
        "Called with the names of the classes. Makes a `ptv_train.Task`, which the training calls with the model and each batch: `training_loss` for "
        "a step, `validate` for each batch of a validation, `results` at its end (scalars, of which `score` names the one that decides about the best "
        "checkpoint), `predict` for scores. Whatever learns beside the model is a parameter of the task; what a checkpoint must keep is a buffer."
    ),
    protocol=TaskMaker,
    samples=(
        Sample(
            "a training",
            passes={"classes": _CLASSES},
            use=_taught_on(_batch, lambda task: _classifier(), _last),
        ),
        Sample(
            "a training of several labels",
            passes={"classes": _CLASSES},
            use=_taught_on(_batch_of_vectors, lambda task: _classifier(), _last),
        ),
        Sample(
            "a training with boxes", passes={"classes": _CLASSES}, use=_taught_on(_batch_of_boxes, _scores_boxes, _last)
        ),
        Sample(
            "a training of features",
            passes={"classes": _CLASSES},
            use=_taught_on(_batch_of_views, _with_features, _last),
        ),
    ),
    checks=(
        Check("is_a_task", _is_task),
        Check("gives_a_loss_that_teaches_the_model", _has_loss),
        Check("has_the_score_among_its_results", _has_score),
    ),
    scaffold=Scaffold(
        "ptv_train.scaffolds.task", "MineTask", requires=("ptv-train", "torch", "torchmetrics"), testing=("ptv-x3d",)
    ),
)

# Optimizers and schedules


def _groups() -> Any:
    model = _classifier()
    return [{"params": [model[1].weight]}, {"params": [model[1].bias], "weight_decay": 0.0}]


def _stepped(optimizer: Any) -> Any:
    """The share of parameters that a step changes; the optimizer itself, where it is none."""
    import torch

    if not isinstance(optimizer, torch.optim.Optimizer):
        return optimizer
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    before = [parameter.detach().clone() for parameter in parameters]
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    changed = [not torch.equal(old, new) for old, new in zip(before, parameters, strict=True)]
    return {"changed": changed, "decays": [group.get("weight_decay") for group in optimizer.param_groups]}


def _is_optimizer(trial: Trial) -> str | None:
    import torch

    return _is(torch.optim.Optimizer, trial.component, "a torch.optim.Optimizer")


def _moves(trial: Trial) -> str | None:
    if isinstance(trial.output, dict) and not (len(trial.output["changed"]) == 2 and all(trial.output["changed"])):
        return "a step leaves parameters as they are; give all groups of params to torch's optimizer, with a learning rate above 0"
    return None


def _spares_norms(trial: Trial) -> str | None:
    if isinstance(trial.output, dict) and trial.output["decays"][-1]:
        return "it decays the second group, norms and biases, which asks for weight_decay 0; pass the groups on as they are"
    return None


OPTIMIZER: Final = Contract(
    kind="optimizer",
    words=(
        "Called with `params`, torch's groups of parameters, of which the second (norms and biases) has `weight_decay` 0; `model` is offered to those that give each "
        "layer its own rate (`ptv_train.components.parameter_groups.with_layer_decay`). Makes a `torch.optim.Optimizer`. Its arguments `lr` and `weight_decay` are "
        "those of the options `--lr` and `--weight-decay`; out of range they are an error when it is made."
    ),
    protocol=OptimizerMaker,
    samples=(Sample("a training", passes={"params": Made(_groups)}, use=_stepped),),
    checks=(
        Check("is_an_optimizer", _is_optimizer),
        Check("moves_every_parameter", _moves),
        Check("leaves_norms_and_biases_undecayed", _spares_norms),
    ),
    travels=False,
    scaffold=Scaffold("ptv_train.scaffolds.optimizer", "mine_optimizer", testing=("ptv-train", "ptv-x3d")),
)


def _sgd() -> Any:
    import torch

    return torch.optim.SGD(_groups(), lr=0.5)


def _rates(schedule: Any) -> Any:
    """The learning rate before each step; the schedule itself, where it is none."""
    if not hasattr(schedule, "step") or not hasattr(schedule, "optimizer"):
        return schedule
    rates = []
    for _ in range(_STEPS):
        rates.append(schedule.optimizer.param_groups[0]["lr"])
        schedule.optimizer.step()
        schedule.step()
    return rates


def _is_schedule(trial: Trial) -> str | None:
    import torch

    return _is(torch.optim.lr_scheduler.LRScheduler, trial.component, "a torch.optim.lr_scheduler.LRScheduler")


def _has_rates(trial: Trial) -> str | None:
    if isinstance(trial.output, list):
        wrong = [rate for rate in trial.output if not 0 <= float(rate) < float("inf")]
        if wrong:
            return f"it sets the learning rate {wrong[0]}; rates are at least 0, and steps and epochs of the whole training are passed"
    return None


SCHEDULE: Final = Contract(
    kind="schedule",
    words=(
        "Called with the optimizer; `steps` (of the optimizer) and `epochs` of the whole training are offered. Makes a "
        "torch.optim.lr_scheduler.LRScheduler, which is stepped after each step of the optimizer and sets the rates of its groups, which may "
        "differ, as multiples of their own."
    ),
    protocol=ScheduleMaker,
    samples=(
        Sample(
            "a training",
            passes={"optimizer": Made(_sgd), "steps": _STEPS, "epochs": 2},
            usual={"milestones": (1.0,)},
            use=_rates,
        ),
    ),
    checks=(Check("is_a_schedule", _is_schedule), Check("gives_rates_of_at_least_0", _has_rates)),
    travels=False,
    scaffold=Scaffold("ptv_train.scaffolds.schedule", "mine_schedule", testing=("ptv-train", "ptv-x3d")),
)

# Metrics, batch transforms, callbacks


def _measured_on(scores: Any, labels: Any) -> Any:
    def use(metric: Any) -> Any:
        if not hasattr(metric, "update"):
            return metric
        metric.update(scores(), labels())
        value = metric.compute()
        metric.reset()
        return value

    return use


def _is_metric(trial: Trial) -> str | None:
    from torchmetrics import Metric

    return _is(Metric, trial.component, "a torchmetrics.Metric")


def _one_value(trial: Trial) -> str | None:
    import torch

    if not isinstance(trial.output, torch.Tensor):
        return (
            None
            if not hasattr(trial.component, "update")
            else f"it computes a {type(trial.output).__name__}; give a tensor of one number"
        )
    if trial.output.numel() != 1:
        return f"it computes {trial.output.numel()} numbers, and a checkpoint is judged by one; take their mean (average='macro')"
    return None


METRIC: Final = Contract(
    kind="metric",
    words=(
        "`num_classes` is offered. Makes a `torchmetrics.Metric` of scores (N, classes) and numbers of classes (N), which gives one number. It sees each clip "
        "of a validation once and is logged as `val_NAME`; the first metric of a run says which checkpoint is the best, higher is better."
    ),
    protocol=MetricMaker,
    samples=(
        Sample("a task", passes={"num_classes": len(_CLASSES)}, use=_measured_on(_logits, _numbers)),
        Sample(
            "a task of several labels",
            passes={"num_classes": len(_CLASSES)},
            use=_measured_on(lambda: _logits().sigmoid(), lambda: _vectors().long()),
        ),
    ),
    checks=(Check("is_a_metric", _is_metric), Check("gives_one_number", _one_value)),
    scaffold=Scaffold(
        "ptv_train.scaffolds.metric", "MineMetric", requires=("torch", "torchmetrics"), testing=("ptv-train", "ptv-x3d")
    ),
)


def _mixed(transform: Any) -> dict[str, Any]:
    batch = _batch()
    clips, labels = batch["video"], batch["label"]
    before = clips.clone(), labels.clone()
    return {"output": transform(clips, labels), "before": before, "after": (clips, labels)}


def _gives_both(trial: Trial) -> str | None:
    import torch

    output, (clips, labels) = trial.output["output"], trial.output["before"]
    if not isinstance(output, tuple) or len(output) != 2:
        return f"it returns {type(output).__name__}, where the tuple (clips, labels) is due; return the labels too if they stay as they are"
    mixed, shares = output
    if not isinstance(mixed, torch.Tensor) or mixed.shape != clips.shape:
        return f"it makes clips of shape {tuple(getattr(mixed, 'shape', ()))} of {tuple(clips.shape)}; the model was built for clips of that size"
    if not isinstance(shares, torch.Tensor) or tuple(shares.shape) not in (
        tuple(labels.shape),
        (len(labels), len(_CLASSES)),
    ):
        return f"it makes labels of shape {tuple(getattr(shares, 'shape', ()))}; give numbers (B) or shares of the classes (B, {len(_CLASSES)})"
    return None


def _spares_batch(trial: Trial) -> str | None:
    import torch

    if not all(torch.equal(old, new) for old, new in zip(trial.output["before"], trial.output["after"], strict=True)):
        return "it changes the batch in place, and what others keep of it; return new tensors"
    return None


BATCH_TRANSFORM: Final = Contract(
    kind="batch_transform",
    words=(
        "`num_classes` and `one_hot` (whether labels are vectors already) are offered. What it makes is called with the clips of a batch of two or more, a tensor (B, C, T, H, W) or a list of such for several "
        "pathways, and the labels, (B) or after another batch transform (B, classes); it returns both, changed, and leaves what it was given as it "
        "is. What is random is drawn from torch's own generator, whose state checkpoints keep."
    ),
    protocol=BatchTransformMaker,
    product=BatchTransform,
    samples=(Sample("a training", passes={"num_classes": len(_CLASSES)}, use=_mixed),),
    checks=(Check("gives_clips_and_labels", _gives_both), Check("leaves_the_batch_alone", _spares_batch)),
    scaffold=Scaffold("ptv_train.scaffolds.batch_transform", "MineBatchTransform", testing=("ptv-train", "ptv-x3d")),
)


def _is_callback(trial: Trial) -> str | None:
    import lightning.pytorch as pl

    return _is(pl.Callback, trial.component, "a lightning.pytorch.Callback")


def _keeps_plain_data(trial: Trial) -> str | None:
    import torch

    state: Any = getattr(trial.component, "state_dict", dict)()
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    try:
        torch.load(file, weights_only=True)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's state makes of it
        return f"its state_dict() holds what a checkpoint may not ({type(error).__name__}); give numbers, texts, lists, dicts and tensors"
    return None


CALLBACK: Final = Contract(
    kind="callback",
    words=(
        "Made by the spec, without arguments from the training. A `lightning.pytorch.Callback`. What it has to keep goes into its `state_dict`, as plain data "
        "and tensors. One that needs a validation says so by the attribute `needs_validation = True`."
    ),
    protocol=CallbackMaker,
    samples=(Sample("a training", use=None),),
    checks=(Check("is_a_callback", _is_callback), Check("keeps_plain_data", _keeps_plain_data)),
    scaffold=Scaffold(
        "ptv_train.scaffolds.callback", "MineCallback", requires=("lightning",), testing=("ptv-train", "ptv-x3d")
    ),
)
