"""Checkpoints: weights with what is needed to build the model and to feed it, readable with ``weights_only=True``."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from attrs import asdict, frozen
from torch import nn

import ptv_registry
from ptv_train.clips import ClipRecipe
from ptv_train.errors import CheckpointError

_KEY = "ptv"
_PREFIX = "model."


@frozen
class ModelRecord:
    """What a checkpoint says about its model.

    Attributes:
        lock: the model's lock.
        categories: names of the classes in order.
        recipe: how clips become its input.
    """

    lock: str
    categories: tuple[str, ...]
    recipe: ClipRecipe

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for the checkpoint."""
        return {"lock": self.lock, "categories": list(self.categories), "recipe": asdict(self.recipe)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ModelRecord:
        """Inverse of :meth:`to_dict`."""
        return cls(data["lock"], tuple(data["categories"]), ClipRecipe(**data["recipe"]))


def read_checkpoint(path: str | Path) -> tuple[ModelRecord, dict[str, torch.Tensor]]:
    """The record and the model's weights in a checkpoint that ``ptv train`` wrote.

    Raises:
        CheckpointError: the file is missing, damaged, holds code, or was written by something else.
    """
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}", path=str(path)) from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError) as error:
        cause = str(error).strip().partition("\n")[0]
        raise CheckpointError(f"{path} is no checkpoint that can be read safely: {cause}", path=str(path)) from error
    if not isinstance(data, dict) or _KEY not in data or "state_dict" not in data:
        raise CheckpointError(f"{path} was not written by `ptv train`: it has no entry {_KEY!r}", path=str(path))
    try:
        record = ModelRecord.from_dict(data[_KEY])
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: its entry {_KEY!r} is damaged: {error!r}", path=str(path)) from error
    weights = {
        name.removeprefix(_PREFIX): tensor for name, tensor in data["state_dict"].items() if name.startswith(_PREFIX)
    }
    return record, weights


def load_model(path: str | Path) -> tuple[nn.Module, ModelRecord]:
    """The trained model of a checkpoint, in eval mode.

    Raises:
        CheckpointError: the checkpoint cannot be read, or its weights do not fit its model.
    """
    record, weights = read_checkpoint(path)
    # The lock may name the weights that the training started from; those of the checkpoint replace them.
    plan = ptv_registry.resolve(record.lock)
    without: dict[str, Any] = dict.fromkeys(plan.options)
    model: nn.Module = ptv_registry.build(plan, **without)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: the weights do not fit the model of its lock: {error}", path=str(path)
        ) from error
    return model.eval(), record
