"""A published model as torch hub knows it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, Final

from torch import nn

import ptv_registry
from ptv_cards.published_weights import weights_of
from ptv_registry.errors import PtvError

__all__ = ["HubModel", "MissingPluginError"]

#: What the weights of a model were trained on, where that is not Kinetics-400.
_TRAINED_ON: Final = {"slow_r50_detection": "ava", "slowfast_r50_detection": "ava", "mvit_base_16": "imagenet1k"}


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
        trained_on = _TRAINED_ON.get(self.__name__, "kinetics400")
        plan = ptv_registry.resolve(self.__name__, weights=trained_on, **settings)
        self._download(trained_on, progress)
        model: nn.Module = ptv_registry.build(plan)
        return model

    def _download(self, weights: str, progress: bool) -> None:
        """Bring the weights into the cache, where the model finds them."""
        from ptv_zoo import fetch

        for row in weights_of(self._builder):
            if row.name == weights:
                fetch(row.url, progress=progress)

    def __repr__(self) -> str:
        return f"<hub model {self.__name__}>"
