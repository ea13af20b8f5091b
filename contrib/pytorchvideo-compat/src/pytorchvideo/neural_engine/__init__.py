"""The engine of hooks, which this project does not have: each name says what to use instead."""

from ptv_registry.retired import retired_names

_PREDICTOR = "ptv_train.Predictor, or the command `ptv predict`, which decodes, transforms and classifies a video"

__getattr__ = retired_names(__name__, {"HookBase": _PREDICTOR, "NeuralEngine": _PREDICTOR})
