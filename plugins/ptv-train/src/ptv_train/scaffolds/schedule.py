"""A schedule of the learning rate."""

import torch
from torch.optim.lr_scheduler import LRScheduler, PolynomialLR


def mine_schedule(optimizer: torch.optim.Optimizer, steps: int = 1, power: float = 2.0) -> LRScheduler:
    """Down to 0 by a power of the share of the steps that are left; replace it with your schedule.

    Args:
        optimizer: whose rates it sets.
        steps: of the whole training.
        power: of the share.
    """
    if power <= 0:
        raise ValueError(f"power={power!r} must be above 0")
    return PolynomialLR(optimizer, total_iters=steps, power=power)
