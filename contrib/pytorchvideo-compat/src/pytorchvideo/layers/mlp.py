"""Multi-layer perceptrons."""

from ptv_layers import make_multilayer_perceptron

__all__ = ["make_multilayer_perceptron"]
