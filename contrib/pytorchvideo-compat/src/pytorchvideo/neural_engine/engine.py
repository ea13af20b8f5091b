"""See :mod:`pytorchvideo.neural_engine`."""

from ptv_registry.retired import retired_names
from pytorchvideo.neural_engine import _PREDICTOR

__getattr__ = retired_names(__name__, {"HookBase": _PREDICTOR, "NeuralEngine": _PREDICTOR})
