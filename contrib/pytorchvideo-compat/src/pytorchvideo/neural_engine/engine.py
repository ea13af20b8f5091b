"""See :mod:`pytorchvideo.neural_engine`."""

from pytorchvideo.neural_engine import _PREDICTOR
from pytorchvideo.retired import retired_names

__getattr__ = retired_names(__name__, {"HookBase": _PREDICTOR, "NeuralEngine": _PREDICTOR})
