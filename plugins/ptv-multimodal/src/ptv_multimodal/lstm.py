"""An LSTM over the valid part of a sequence."""

from __future__ import annotations

import torch
from torch import nn

from ptv_multimodal.masks import checked_mask


class LSTM(nn.Module):
    """``nn.LSTM`` of one layer that skips invalid elements, wherever they are, and returns its last hidden state.

    A row without a valid element becomes 0, the state that an LSTM starts from.

    Args:
        dim_in: the dimension of the elements.
        hidden_dim: the dimension H of the hidden state.
        dropout: the probability with which, in training, an element of the output is zeroed.
        bidirectional: concatenate the state after the first element of an LSTM that runs backwards.

    Attributes:
        output_dim: the dimension of the output, H or 2 H.
    """

    def __init__(self, dim_in: int, hidden_dim: int, dropout: float = 0.0, bidirectional: bool = False) -> None:
        super().__init__()
        self.lstm = nn.LSTM(dim_in, hidden_dim, batch_first=True, bidirectional=bidirectional)
        self.dropout = nn.Dropout(dropout)
        self.output_dim = 2 * hidden_dim if bidirectional else hidden_dim
        self.bidirectional = bidirectional

    def forward(self, data: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Run over ``data``.

        Args:
            data: (B, L, dim_in).
            mask: bool (B, L), False where an element is invalid; ``None`` if all are valid.

        Returns:
            (B, output_dim).

        Raises:
            ArgumentError: the input or the mask has another shape, or the mask is not bool.
        """
        mask = checked_mask(data, mask)
        rows = torch.arange(len(data), device=data.device)
        length = mask.sum(dim=1)
        # Packed sequences would give the same, but need the lengths on the host and do not export.
        states, _ = self.lstm(_in_order(data, ~mask))
        state = states[rows, (length - 1).clamp(min=0)]
        if self.bidirectional:
            states, _ = self.lstm(_in_order(data, mask))
            first_valid = (data.shape[1] - length).clamp(max=data.shape[1] - 1)
            forwards, _ = state.chunk(2, dim=-1)
            _, backwards = states[rows, first_valid].chunk(2, dim=-1)
            state = torch.cat((forwards, backwards), dim=-1)
        return self.dropout(state.masked_fill(~mask.any(dim=1, keepdim=True), 0))


def _in_order(data: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
    """The elements (B, L, C) with those for which ``last`` (B, L) holds moved to the end, otherwise in their order."""
    order = last.int().argsort(dim=1, stable=True)
    return data.gather(1, order.unsqueeze(-1).expand_as(data))
