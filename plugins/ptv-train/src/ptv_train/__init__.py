"""Training, evaluation and prediction of video models composed with ptv_registry."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

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

__getattr__, __dir__ = lazy_package(__name__)
