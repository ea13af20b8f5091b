"""Multi-layer perceptrons."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Sequence

from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Norm
from ptv_registry.errors import ArgumentError


def make_vector_norm(norm: Norm, num_features: int) -> nn.Module | None:
    """The norm of vectors (B, C), or ``None``; a class that calls its number of features otherwise gets it by position.

    Torch's ``nn.LayerNorm`` is such a class.
    """
    if norm is None:
        return None
    if isinstance(norm, type) and "num_features" not in inspect.signature(norm).parameters:
        return norm(num_features)
    return norm(num_features=num_features)


def make_multilayer_perceptron(
    fully_connected_dims: Sequence[int],
    norm: Norm = None,
    mid_activation: Activation = nn.ReLU,
    final_activation: Activation = nn.ReLU,
    dropout_rate: float = 0.0,
) -> tuple[nn.Module, int]:
    """Build a multi-layer perceptron.

    ::

        Linear, Norm, mid_activation      for each dimension between the first and the last
          ↓
        Linear, Dropout, final_activation

    Args:
        fully_connected_dims: the input dimension, those inside, and the output dimension.
        norm: builds the norms of (B, C), called with ``num_features`` (a class such as ``nn.LayerNorm`` with
            the number alone), or ``None``.
        mid_activation: builds the activations inside, or ``None``.
        final_activation: builds the last activation, or ``None``.
        dropout_rate: the probability with which the dropout before the last activation zeroes an element.

    Returns:
        The module and its output dimension.

    Raises:
        ArgumentError: there are fewer than two dimensions, or one is not a positive integer.
    """
    dims = list(fully_connected_dims)
    if len(dims) < 2 or any(not isinstance(dim, int) or dim < 1 for dim in dims):
        msg = f"fully_connected_dims={fully_connected_dims!r} must hold at least two positive integers"
        raise ArgumentError(msg, argument="fully_connected_dims", value=fully_connected_dims)
    layers: list[nn.Module | None] = []
    for dim_in, dim_out in itertools.pairwise(dims[:-1]):
        layers.append(nn.Linear(dim_in, dim_out))
        layers.append(make_vector_norm(norm, dim_out))
        layers.append(make_activation(mid_activation))
    layers.append(nn.Linear(dims[-2], dims[-1]))
    layers.append(nn.Dropout(p=dropout_rate) if dropout_rate > 0 else None)
    layers.append(make_activation(final_activation))
    return nn.Sequential(*(layer for layer in layers if layer is not None)), dims[-1]
