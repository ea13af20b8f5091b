"""Published multiscale vision transformers."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import ptv_mvit
from ptv_mvit import create_multiscale_vision_transformers
from pytorchvideo.models.hub.model import HubModel, checkpoints_of
from pytorchvideo.models.hub.utils import MODEL_ZOO_ROOT_DIR, hub_model_builder

__all__ = [
    "MODEL_ZOO_ROOT_DIR",
    "checkpoint_paths",
    "create_multiscale_vision_transformers",
    "hub_model_builder",
    "mvit_base_16",
    "mvit_base_16x4",
    "mvit_base_32x3",
    "mvit_image_base_16_config",
    "mvit_video_base_32x3_config",
    "mvit_video_base_config",
]

mvit_base_16 = HubModel("mvit_base_16", ptv_mvit.mvit_base_16)
mvit_base_16x4 = HubModel("mvit_base_16x4", ptv_mvit.mvit_base_16x4)
mvit_base_32x3 = HubModel("mvit_base_32x3", ptv_mvit.mvit_base_32x3)
checkpoint_paths = checkpoints_of(mvit_base_16, mvit_base_16x4, mvit_base_32x3)


def _row(builder: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a published model, lists where they are sequences."""
    parameters = inspect.signature(builder).parameters.values()
    plain = {own.name: own.default for own in parameters if not callable(own.default)}
    return {name: _lists(value) for name, value in plain.items() if name != "head_num_classes"}


def _lists(value: Any) -> Any:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return [_lists(element) for element in value] if is_list else value


mvit_video_base_config = _row(ptv_mvit.mvit_base_16x4)
mvit_video_base_32x3_config = _row(ptv_mvit.mvit_base_32x3)
mvit_image_base_16_config = {"temporal_size": 1, "depth": 16, "use_2d_patch": True, **_row(ptv_mvit.mvit_base_16)}
