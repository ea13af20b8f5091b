"""RandAugment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch

from ptv_transforms.augmentations import OPERATIONS, AugmentTransform
from ptv_transforms.op_sampler import OpSampler


class RandAugment:
    """Applies a few randomly drawn operations of a common magnitude: RandAugment, https://arxiv.org/abs/1909.13719.

    Args:
        magnitude: strength of the operations, 0 to 10.
        num_layers: how many operations are drawn, without repetition.
        prob: probability that a drawn operation is applied.
        sampling_type: how magnitudes are drawn: ``gaussian`` around the magnitude, or ``uniform`` up to it.
        sampling_hparas: see :class:`~ptv_transforms.AugmentTransform`.
        transform_hparas: passed to every operation; ``fill`` is a share of the range per channel.

    Raises:
        ArgumentError: if an argument is not one of these.
    """

    def __init__(
        self,
        magnitude: int = 9,
        num_layers: int = 2,
        prob: float = 0.5,
        sampling_type: Literal["gaussian", "uniform"] = "gaussian",
        sampling_hparas: Mapping[str, Any] | None = None,
        transform_hparas: Mapping[str, Any] | None = None,
    ) -> None:
        operations = [
            AugmentTransform(
                name,
                magnitude,
                prob=prob,
                transform_hparas=transform_hparas,
                sampling_type=sampling_type,
                sampling_hparas=sampling_hparas,
            )
            for name in OPERATIONS
        ]
        self.magnitude = magnitude
        self.prob = prob
        self.randaug_fn = OpSampler(operations, num_sample_op=num_layers)

    def __call__(self, video: torch.Tensor) -> torch.Tensor:
        """Takes and returns (T, C, H, W), of dtype uint8 or float in [0, 1]."""
        return self.randaug_fn(video)

    def __repr__(self) -> str:
        layers = self.randaug_fn.num_sample_op
        return f"RandAugment(magnitude={self.magnitude}, num_layers={layers}, prob={self.prob})"
