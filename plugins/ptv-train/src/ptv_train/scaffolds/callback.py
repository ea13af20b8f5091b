"""A callback."""

from typing import Any

import lightning.pytorch as pl


class MineCallback(pl.Callback):
    """Logs the norm of all gradients at each step, and ends a training in which it is too large; replace it with yours.

    Args:
        largest: the norm at which the training ends.
    """

    def __init__(self, largest: float = 1e6) -> None:
        if largest <= 0:
            raise ValueError(f"largest={largest!r} must be above 0")
        self.largest = largest
        self.steps = 0

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Any) -> None:
        """Log the norm."""
        squares = [float(p.grad.square().sum()) for p in pl_module.parameters() if p.grad is not None]
        norm = sum(squares) ** 0.5
        self.steps += 1
        pl_module.log("gradient_norm", norm, batch_size=1)
        if norm > self.largest:
            trainer.should_stop = True

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"steps": self.steps}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of :meth:`state_dict`."""
        self.steps = int(state_dict["steps"])
