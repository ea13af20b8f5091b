"""Torch's optimizers as components of kind ``optimizer``, with layer-wise learning-rate decay."""

from __future__ import annotations

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.checks import check_not_negative, check_share
from ptv_train.components.parameter_groups import Groups, with_layer_decay


def adamw(
    params: Groups,
    model: nn.Module | None = None,
    lr: float = 1e-3,
    weight_decay: float = 0.05,
    layer_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> torch.optim.Optimizer:
    """AdamW, https://arxiv.org/abs/1711.05101.

    Args:
        params: groups of parameters, as of :func:`ptv_train.components.parameter_groups.parameter_groups`.
        model: whose parameters they are, for ``layer_decay``.
        lr: the highest learning rate, that of the head.
        weight_decay: of the groups that have none of their own; norms and biases are not decayed.
        layer_decay: share of the learning rate that each layer has of the one above it; see
            :func:`ptv_train.components.parameter_groups.layers_of`.
        betas: of the running means of gradients and their squares.
        eps: added to the root of the running mean of squares.

    Raises:
        ArgumentError: a number is out of range.
    """
    _check_adam(weight_decay, betas, eps)
    groups = with_layer_decay(params, model, lr, layer_decay)
    return torch.optim.AdamW(groups, lr=lr, weight_decay=weight_decay, betas=betas, eps=eps)


def adam(
    params: Groups,
    model: nn.Module | None = None,
    lr: float = 1e-3,
    weight_decay: float = 0.0,
    layer_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> torch.optim.Optimizer:
    """Adam, https://arxiv.org/abs/1412.6980; its weight decay is an L2 penalty. See :func:`adamw`.

    Args:
        params, model, lr, weight_decay, layer_decay, betas, eps: as for :func:`adamw`.

    Raises:
        ArgumentError: a number is out of range.
    """
    _check_adam(weight_decay, betas, eps)
    groups = with_layer_decay(params, model, lr, layer_decay)
    return torch.optim.Adam(groups, lr=lr, weight_decay=weight_decay, betas=betas, eps=eps)


def sgd(
    params: Groups,
    model: nn.Module | None = None,
    lr: float = 0.01,
    weight_decay: float = 1e-4,
    layer_decay: float = 1.0,
    momentum: float = 0.9,
    nesterov: bool = True,
) -> torch.optim.Optimizer:
    """Stochastic gradient descent with momentum.

    Args:
        params, model, lr, weight_decay, layer_decay: as for :func:`adamw`.
        momentum: in [0, 1).
        nesterov: Nesterov's form of momentum; without momentum it changes nothing.

    Raises:
        ArgumentError: a number is out of range.
    """
    check_not_negative("weight_decay", weight_decay)
    check_share("momentum", momentum)
    groups = with_layer_decay(params, model, lr, layer_decay)
    return torch.optim.SGD(
        groups, lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov and momentum > 0
    )


def _check_adam(weight_decay: float, betas: tuple[float, float], eps: float) -> None:
    check_not_negative("weight_decay", weight_decay)
    check_not_negative("eps", eps)
    if len(betas) != 2:
        raise ArgumentError(f"betas={betas!r} must be two numbers", argument="betas")
    for beta in betas:
        check_share("betas", beta)
