"""AugMix."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms.augmentations import (
    LEVEL_TO_ARG,
    MAX_LEVEL,
    TRANSFORM_MAX_PARAMS,
    AugmentTransform,
    increasing_magnitude_to_arg,
)
from ptv_transforms.op_sampler import OpSampler

SAMPLING_AUGMIX_DEFAULT_HPARAS: Mapping[str, Any] = MappingProxyType(
    {"sampling_data_type": "float", "sampling_min": 0.1}
)
"""How AugMix draws magnitudes by default."""

_ADJUST = ("AdjustSaturation", "AdjustContrast", "AdjustBrightness", "AdjustSharpness")
_AUGMIX_LEVEL_TO_ARG = {**LEVEL_TO_ARG, **dict.fromkeys(_ADJUST, increasing_magnitude_to_arg)}
_AUGMIX_MAX_PARAMS = {
    **{name: paras for name, paras in TRANSFORM_MAX_PARAMS.items() if name != "Invert"},
    **dict.fromkeys(("TranslateX", "TranslateY"), (0.0, 1.0 / 3.0)),
    **dict.fromkeys(_ADJUST, (0.1, 1.8)),
}


class AugMix:
    """Mixes a video with several chains of augmentations of it: AugMix, https://arxiv.org/abs/1912.02781.

    Args:
        magnitude: strength of the operations, 1 to 10.
        alpha: parameter of the beta and Dirichlet distributions of the mixing weights.
        width: number of chains.
        depth: operations in each chain; -1 draws 1 to 3 for each.
        transform_hparas: passed to every operation; ``fill`` is a share of the range per channel.
        sampling_hparas: ``sampling_data_type`` and ``sampling_min``; see :class:`~ptv_transforms.AugmentTransform`.

    Raises:
        ArgumentError: if an argument is not one of these.
    """

    def __init__(
        self,
        magnitude: int = 3,
        alpha: float = 1.0,
        width: int = 3,
        depth: int = -1,
        transform_hparas: Mapping[str, Any] | None = None,
        sampling_hparas: Mapping[str, Any] | None = None,
    ) -> None:
        if not 1 <= magnitude <= MAX_LEVEL:
            raise ArgumentError(f"magnitude is {magnitude}; it must be in [1, {MAX_LEVEL}]")
        if alpha <= 0.0:
            raise ArgumentError(f"alpha is {alpha}; it must be positive")
        if width < 1:
            raise ArgumentError(f"width is {width}; there must be at least 1 chain")
        if depth < 1 and depth != -1:
            raise ArgumentError(f"depth is {depth}; it must be at least 1, or -1 for a random one")
        self.magnitude = magnitude
        self.width = width
        self.depth = depth
        self.dirichlet = torch.distributions.Dirichlet(torch.tensor([float(alpha)] * width))
        self.beta = torch.distributions.Beta(float(alpha), float(alpha))
        operations = [
            AugmentTransform(
                name,
                magnitude,
                prob=1.0,
                level_to_arg=_AUGMIX_LEVEL_TO_ARG,
                transform_max_paras=_AUGMIX_MAX_PARAMS,
                transform_hparas=transform_hparas,
                sampling_type="uniform",
                sampling_hparas=SAMPLING_AUGMIX_DEFAULT_HPARAS if sampling_hparas is None else sampling_hparas,
            )
            for name in _AUGMIX_MAX_PARAMS
        ]
        self.augmix_fn = OpSampler(
            operations, num_sample_op=3 if depth == -1 else depth, replacement=True, randomly_sample_depth=depth == -1
        )

    def __call__(self, video: torch.Tensor) -> torch.Tensor:
        """Takes and returns (T, C, H, W), of dtype uint8 or float in [0, 1].

        Raises:
            ArgumentError: if a float video has values of 0 to 255.
        """
        kept = self.beta.sample().item()
        mixed = kept * video.to(torch.float32)
        for weight in self.dirichlet.sample().tolist():
            mixed += (1.0 - kept) * weight * self.augmix_fn(video)
        if video.is_floating_point():
            return mixed.to(video.dtype)
        return mixed.round_().clamp_(0, 255).to(video.dtype)

    def __repr__(self) -> str:
        return f"AugMix(magnitude={self.magnitude}, width={self.width}, depth={self.depth})"
