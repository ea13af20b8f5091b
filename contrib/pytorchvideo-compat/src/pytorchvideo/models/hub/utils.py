"""How a published model is built, and where its weights are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from torch import nn
from torch.hub import load_state_dict_from_url

from ptv_registry.errors import PtvError

__all__ = ["MODEL_ZOO_ROOT_DIR", "hub_model_builder", "load_published"]

MODEL_ZOO_ROOT_DIR: Final = "https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo"


class PretrainedSettingsError(PtvError, ValueError, AssertionError):
    """Settings were given for a model whose weights are published for others."""


def hub_model_builder(
    model_builder_func: Callable[..., nn.Module],
    pretrained: bool = False,
    progress: bool = True,
    checkpoint_path: str = "",
    default_config: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> nn.Module:
    """Build a model, and load weights from an address.

    Args:
        model_builder_func: the builder.
        pretrained: load the weights.
        progress: show the progress of the download.
        checkpoint_path: address of the weights, a dict with ``model_state``.
        default_config: arguments of the builder, where they are not given.
        **kwargs: arguments of the builder.

    Raises:
        PretrainedSettingsError: arguments were given for a model with weights.
    """
    if pretrained and kwargs:
        raise PretrainedSettingsError(
            f"the weights are published for other settings than {', '.join(kwargs)}; leave these out, or give pretrained=False"
        )
    given = {name: value for name, value in kwargs.items() if value is not None}
    model = model_builder_func(**{**kwargs, **(default_config or {}), **given})
    return load_published(model, checkpoint_path, progress) if pretrained else model


def load_published(model: nn.Module, address: str, progress: bool = True) -> nn.Module:
    """Load published weights into a model; the file is read as data, code in it is refused."""
    checkpoint = load_state_dict_from_url(address, progress=progress, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model_state"])
    return model
