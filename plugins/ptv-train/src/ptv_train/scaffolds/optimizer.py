"""An optimizer."""

from typing import Any

import torch


def mine_optimizer(
    params: list[dict[str, Any]], lr: float = 2e-3, weight_decay: float = 0.01, rectify: bool = True
) -> torch.optim.Optimizer:
    """RAdam or NAdam, with weight decay apart from the gradient; replace it with your optimizer.

    Args:
        params: groups of parameters, of which that of norms and biases has a weight decay of its own.
        lr: the highest learning rate.
        weight_decay: of the groups that have none of their own.
        rectify: RAdam (https://arxiv.org/abs/1908.03265) and not NAdam.
    """
    kind = torch.optim.RAdam if rectify else torch.optim.NAdam
    return kind(params, lr=lr, weight_decay=weight_decay, decoupled_weight_decay=True)
