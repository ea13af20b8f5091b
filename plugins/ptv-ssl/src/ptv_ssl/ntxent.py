"""NT-Xent."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from ptv_ssl.gathering import gather_rows
from ptv_ssl.views import check_views, checked_temperature


class NTXentLoss(nn.Module):
    """The normalized, temperature-scaled cross entropy of SimCLR (https://arxiv.org/abs/2002.05709, equation 1).

    Of 2 B views, each has to recognise its partner among the 2 B - 1 others:
    ``mean_i -log(exp(s(i, partner of i)) / sum_{j != i} exp(s(i, j)))`` with ``s = cosine / temperature``.

    Args:
        temperature: divides the cosine similarities.
        gather: take the views of all processes of a distributed training for j; i stays with those of this process.
            The mean over the processes is then the loss of the whole batch.

    Raises:
        ArgumentError: the temperature is not positive.
    """

    def __init__(self, temperature: float = 0.1, gather: bool = True) -> None:
        super().__init__()
        self.temperature = checked_temperature(temperature)
        self.gather = gather

    def forward(self, x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar.

        Args:
            x1: embeddings (B, C) of a view of a batch, of any length.
            x2: embeddings (B, C) of another view of the same batch.

        Raises:
            ArgumentError: the views have not the same number of samples.
        """
        check_views(x1, x2)
        first, second = F.normalize(x1, dim=1), F.normalize(x2, dim=1)
        (all_first, before), (all_second, _) = (
            (gather_rows(first), gather_rows(second)) if self.gather else ((first, 0), (second, 0))
        )
        own = torch.arange(before, before + len(x1), device=x1.device)
        itself = torch.cat([own, own + len(all_first)])
        partner = torch.cat([own + len(all_first), own])
        logits = torch.cat([first, second]) @ torch.cat([all_first, all_second]).T / self.temperature
        logits = logits.scatter(1, itself.unsqueeze(1), float("-inf"))
        return F.cross_entropy(logits, partner)
