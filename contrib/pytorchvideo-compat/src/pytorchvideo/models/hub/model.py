"""A published model as torch hub knows it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from torch import nn

import ptv_registry
from ptv_cards.published_weights import weights_of
from ptv_registry.errors import PtvError

__all__ = ["HubModel", "MissingPluginError", "checkpoints_of"]


class MissingPluginError(PtvError, ImportError):
    """What was asked for is part of a distribution that is not installed."""


class HubModel:
    """Builds one published model: ``slowfast_r50(pretrained=False, progress=True, **settings)``.

    Args:
        name: name of the model.
        builder: the published builder.
    """

    def __init__(self, name: str, builder: Callable[..., nn.Module]) -> None:
        self.__name__ = self.__qualname__ = name
        self.__module__ = "pytorchvideo.models.hub"
        self.__doc__ = builder.__doc__
        self._builder = builder

    def __call__(self, pretrained: bool = False, progress: bool = True, **settings: Any) -> nn.Module:
        """The model.

        Args:
            pretrained: load the published weights; ``ptv-zoo`` knows where they are.
            progress: show the progress of a download; of no use without ``pretrained``.
            **settings: arguments of the builder that differ from the published ones.

        Raises:
            MissingPluginError: weights are asked for and ``ptv-zoo`` is not installed.
        """
        if not pretrained:
            return self._builder(**settings)
        if importlib.util.find_spec("ptv_zoo") is None:
            raise MissingPluginError(f"the weights of {self.__name__} come from ptv-zoo; run: pip install ptv-zoo")
        from ptv_zoo import fetch

        weights = weights_of(self._builder)[0]
        plan = ptv_registry.resolve(self.__name__, weights=weights.name, **settings)
        # Into the cache, where the model finds them.
        fetch(weights.url, progress=progress)
        model: nn.Module = ptv_registry.build(plan)
        return model

    def __repr__(self) -> str:
        return f"<hub model {self.__name__}>"

    @property
    def checkpoint(self) -> str:
        """The address of the published weights."""
        return weights_of(self._builder)[0].url


def checkpoints_of(*models: HubModel) -> dict[str, str]:
    """The addresses of the published weights, by the names of the models."""
    return {model.__name__: model.checkpoint for model in models}
