"""How vision transformers start."""

from __future__ import annotations

import torch
from torch import nn

from ptv_layers import SpatioTemporalClsPositionalEncoding


@torch.no_grad()
def init_vit_weights(model: nn.Module, trunc_normal_std: float = 0.02) -> nn.Module:
    """Initialise a vision transformer, in place; the builders have done so with what they made.

    Linear layers and positional encodings start truncated-normal, biases at zero, layer norms as identities.

    Args:
        model: the model.
        trunc_normal_std: standard deviation.
    """
    for part in model.modules():
        if isinstance(part, nn.Linear):
            nn.init.trunc_normal_(part.weight, std=trunc_normal_std)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.LayerNorm):
            nn.init.ones_(part.weight)
            nn.init.zeros_(part.bias)
        elif isinstance(part, SpatioTemporalClsPositionalEncoding):
            for encoding in part.parameters():
                nn.init.trunc_normal_(encoding, std=trunc_normal_std)
    return model
