"""A schedule of the learning rate."""

import torch
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR


def mine_schedule(optimizer: torch.optim.Optimizer, steps: int = 1, peak: float = 0.3) -> LRScheduler:
    """Up to the optimizer's rates and down again (https://arxiv.org/abs/1708.07120); replace it with your schedule.

    Args:
        optimizer: whose rates it sets.
        steps: of the whole training.
        peak: the share of the steps after which the rates are highest.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    # One step more than there are: a schedule is asked for the rate after the last one too.
    return OneCycleLR(optimizer, max_lr=rates, total_steps=steps + 1, pct_start=peak, cycle_momentum=False)
