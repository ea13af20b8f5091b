"""Optimizers whose weight decay depends on the module a parameter belongs to, as PySlowFast's does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from ptv_train.components.parameter_groups import Groups, with_layer_decay


def sgd_by_module(
    params: Groups,
    model: nn.Module | None = None,
    lr: float = 0.1,
    weight_decay: float = 1e-4,
    norm_weight_decay: float = 0.0,
    decay_vectors: bool = True,
    not_decayed: Sequence[str] = (),
    layer_decay: float = 1.0,
    momentum: float = 0.9,
    dampening: float = 0.0,
    nesterov: bool = True,
) -> torch.optim.Optimizer:
    """Stochastic gradient descent with the weight decay of :func:`groups_by_module`.

    Args:
        params: groups of what learns; those of the model's parameters are made anew.
        model: whose modules tell; without one the groups stay as they are.
        lr: learning rate, that of the head.
        weight_decay: of what none of the following is about.
        norm_weight_decay: of batch norms.
        decay_vectors: whether biases and other vectors are decayed.
        not_decayed: parts of the names of parameters that are not decayed.
        layer_decay: share of the learning rate that each layer has of the one above it.
        momentum, dampening, nesterov: see :class:`torch.optim.SGD`.

    Raises:
        ArgumentError: ``layer_decay`` is out of range.
    """
    groups = groups_by_module(params, model, norm_weight_decay, decay_vectors, not_decayed)
    groups = with_layer_decay(groups, model, lr, layer_decay)
    return torch.optim.SGD(
        groups, lr=lr, weight_decay=weight_decay, momentum=momentum, dampening=dampening, nesterov=nesterov
    )


def adam_by_module(
    params: Groups,
    model: nn.Module | None = None,
    lr: float = 1e-3,
    weight_decay: float = 0.0,
    norm_weight_decay: float = 0.0,
    decay_vectors: bool = True,
    not_decayed: Sequence[str] = (),
    layer_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.999),
) -> torch.optim.Optimizer:
    """Adam with the weight decay of :func:`groups_by_module`, an L2 penalty.

    Args:
        params, model, lr, weight_decay, norm_weight_decay, decay_vectors, not_decayed, layer_decay: as for
            :func:`sgd_by_module`.
        betas: of the running means of gradients and their squares.

    Raises:
        ArgumentError: ``layer_decay`` is out of range.
    """
    groups = groups_by_module(params, model, norm_weight_decay, decay_vectors, not_decayed)
    groups = with_layer_decay(groups, model, lr, layer_decay)
    return torch.optim.Adam(groups, lr=lr, weight_decay=weight_decay, betas=betas)


def adamw_by_module(
    params: Groups,
    model: nn.Module | None = None,
    lr: float = 1e-3,
    weight_decay: float = 0.05,
    norm_weight_decay: float = 0.0,
    decay_vectors: bool = True,
    not_decayed: Sequence[str] = (),
    layer_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.999),
) -> torch.optim.Optimizer:
    """AdamW with the weight decay of :func:`groups_by_module`.

    Args:
        params, model, lr, weight_decay, norm_weight_decay, decay_vectors, not_decayed, layer_decay: as for
            :func:`sgd_by_module`.
        betas: of the running means of gradients and their squares.

    Raises:
        ArgumentError: ``layer_decay`` is out of range.
    """
    groups = groups_by_module(params, model, norm_weight_decay, decay_vectors, not_decayed)
    groups = with_layer_decay(groups, model, lr, layer_decay)
    return torch.optim.AdamW(groups, lr=lr, weight_decay=weight_decay, betas=betas, eps=1e-8)


def groups_by_module(
    params: Groups,
    model: nn.Module | None,
    norm_weight_decay: float = 0.0,
    decay_vectors: bool = True,
    not_decayed: Sequence[str] = (),
) -> Groups:
    """The groups anew: batch norms; then what has the optimizer's own weight decay; then what has none.

    Args:
        params: groups of what learns.
        model: whose modules tell; without one the groups stay as they are.
        norm_weight_decay: of batch and instance norms, weights and biases.
        decay_vectors: whether other vectors and biases are decayed; where they are not, layer norms are not either.
        not_decayed: parts of the names of parameters that are not decayed.

    Returns:
        Those that have parameters. What is not of the model is in the second.
    """
    if model is None:
        return params
    learning = {id(parameter): parameter for group in params for parameter in group["params"]}
    norms: list[nn.Parameter] = []
    decayed: list[nn.Parameter] = []
    at_zero: list[nn.Parameter] = []
    for place, module in model.named_modules():
        for leaf, parameter in module.named_parameters(recurse=False):
            if learning.pop(id(parameter), None) is None:
                continue
            name = f"{place}.{leaf}".strip(".")
            is_vector = parameter.ndim == 1 or name.endswith(".bias")
            if isinstance(module, _NormBase):
                norms.append(parameter)
            elif any(part in name for part in not_decayed) or (is_vector and not decay_vectors):
                at_zero.append(parameter)
            else:
                decayed.append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": norms, "weight_decay": norm_weight_decay},
        {"params": [*decayed, *learning.values()]},
        {"params": at_zero, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
