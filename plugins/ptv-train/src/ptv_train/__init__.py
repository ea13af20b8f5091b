"""Training, evaluation and prediction of video models composed with ptv_registry."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptv_train.checkpoint import ModelRecord, load_model
    from ptv_train.clip_recipe import ClipRecipe
    from ptv_train.evaluation.evaluation import evaluate
    from ptv_train.evaluation.result import Evaluation
    from ptv_train.prediction.prediction import Prediction
    from ptv_train.prediction.predictor import Predictor
    from ptv_train.training.classification import Classification
    from ptv_train.training.task import Task
    from ptv_train.training.training import Training, TrainingResult

_HOMES = {
    "Classification": "training.classification",
    "ClipRecipe": "clip_recipe",
    "Evaluation": "evaluation.result",
    "ModelRecord": "checkpoint",
    "Prediction": "prediction.prediction",
    "Predictor": "prediction.predictor",
    "Task": "training.task",
    "Training": "training.training",
    "TrainingResult": "training.training",
    "evaluate": "evaluation.evaluation",
    "load_model": "checkpoint",
}

__all__ = [
    "Classification",
    "ClipRecipe",
    "Evaluation",
    "ModelRecord",
    "Prediction",
    "Predictor",
    "Task",
    "Training",
    "TrainingResult",
    "evaluate",
    "load_model",
]


def __getattr__(name: str) -> Any:
    # Lightning takes seconds to import, and prediction does not need it.
    if name not in _HOMES:
        raise AttributeError(f"module 'ptv_train' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"ptv_train.{_HOMES[name]}"), name)
