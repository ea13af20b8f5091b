"""Training, evaluation and prediction of video models composed with ptv_registry."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptv_train.checkpoint import ModelRecord, load_model
    from ptv_train.classification import Classification
    from ptv_train.clips import ClipRecipe
    from ptv_train.evaluation import evaluate
    from ptv_train.evaluation_result import Evaluation
    from ptv_train.prediction import Prediction
    from ptv_train.predictor import Predictor
    from ptv_train.task import Task
    from ptv_train.training import Training, TrainingResult

_HOMES = {
    "Classification": "classification",
    "ClipRecipe": "clips",
    "Evaluation": "evaluation_result",
    "ModelRecord": "checkpoint",
    "Prediction": "prediction",
    "Predictor": "predictor",
    "Task": "task",
    "Training": "training",
    "TrainingResult": "training",
    "evaluate": "evaluation",
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
