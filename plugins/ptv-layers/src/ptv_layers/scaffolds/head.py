"""A head."""

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
from torch import nn

from ptv_registry import Slot

Pool = Annotated[Callable[..., nn.Module] | None, Slot("pool")]
Activation = Annotated[Callable[..., nn.Module] | None, Slot("activation")]


def create_mine_head(
    *,
    in_features: int,
    out_features: int,
    pool: Pool = nn.AvgPool3d,
    output_size: Sequence[int] = (1, 1, 1),
    pool_kernel_size: Sequence[int] = (1, 7, 7),
    dropout_rate: float = 0.5,
    activation: Activation = None,
    output_with_global_average: bool = True,
) -> nn.Module:
    """A head that looks at the mean and the largest value of each channel over the pooled features.

    Args:
        in_features: channels of the features.
        out_features: number of classes.
        pool: makes a pool before; ``None`` for none.
        output_size: (time, height, width) after a pool that takes it.
        pool_kernel_size: (time, height, width) of any other pool.
        dropout_rate: probability of dropping a feature in training.
        activation: makes the activation of the scores; ``None`` for logits.
        output_with_global_average: taken because every model gives it; the scores are flat in any case.

    Returns:
        A module from (B, in_features, T, H, W) to (B, out_features).
    """
    pooled = None if pool is None else pool(kernel_size=tuple(pool_kernel_size), stride=(1, 1, 1), padding=(0, 0, 0))
    return MineHead(
        pooled, nn.Dropout(dropout_rate), nn.Linear(2 * in_features, out_features), activation and activation()
    )


class MineHead(nn.Module):
    """Mean and largest value, dropout, projection; made by :func:`create_mine_head`.

    Args:
        pool: pools the features first; ``None`` for nothing.
        dropout: drops features.
        proj: projects both to the scores.
        activation: of the scores; ``None`` for logits.
    """

    def __init__(
        self, pool: nn.Module | None, dropout: nn.Module, proj: nn.Module, activation: nn.Module | None
    ) -> None:
        super().__init__()
        self.pool, self.dropout, self.proj, self.activation = pool, dropout, proj, activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) to (B, classes)."""
        if self.pool is not None:
            x = self.pool(x)
        both = torch.cat([x.mean((2, 3, 4)), x.amax((2, 3, 4))], 1)
        scores: torch.Tensor = self.proj(self.dropout(both))
        return scores if self.activation is None else self.activation(scores)
