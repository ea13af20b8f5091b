"""Two views of one clip, for self-supervised learning: the clip is decoded once and changed at random twice."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F
from ptv_transforms.frame_pushdown import Pushdown, pushdown
from ptv_transforms.sample_keys import value_of
from ptv_transforms.slots import BuiltTransform

SECOND: str = "second_view"
"""Where a sample has its second view."""


class ContrastiveView(nn.Module):
    """A random view of a clip: a box of random size, mirrored, its colours changed, or grey; all frames alike.

    The changes of SimCLR (https://arxiv.org/abs/2002.05709, appendix A) without blur. Colours change in the order
    brightness, contrast, saturation.

    Args:
        min_area: the smallest share of the frame that is cut out.
        flip: probability of mirroring.
        jitter: probability that colours change.
        strength: by which factor they do at most, up and down: from ``1 - strength`` to ``1 + strength``.
        grey: probability of taking the colours away.

    Raises:
        ArgumentError: if an argument is out of range.
    """

    def __init__(
        self, min_area: float = 0.2, flip: float = 0.5, jitter: float = 0.8, strength: float = 0.6, grey: float = 0.2
    ) -> None:
        super().__init__()
        if not 0 < min_area <= 1:
            raise ArgumentError(f"min_area={min_area!r} must be above 0 and at most 1", argument="min_area")
        for name, value in (("flip", flip), ("jitter", jitter), ("strength", strength), ("grey", grey)):
            if not 0 <= value <= 1:
                raise ArgumentError(f"{name}={value!r} must be from 0 to 1", argument=name)
        self.min_area, self.flip, self.jitter, self.strength, self.grey = min_area, flip, jitter, strength, grey

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes and returns (C, T, H, W), uint8 or float in [0, 1]."""
        height, width = x.shape[-2:]
        clip = x.to(torch.float32) / (255 if x.dtype == torch.uint8 else 1)
        if self.min_area < 1:
            clip = F.random_resized_crop(clip, height, width, (self.min_area, 1.0), (3 / 4, 4 / 3))
        if _chance(self.flip):
            clip = clip.flip(-1)
        if _chance(self.jitter):
            brightness, contrast, saturation = (1 + self.strength * (2 * torch.rand(3) - 1)).tolist()
            clip = (clip * brightness).clamp(0, 1)
            clip = _blended(clip, _grey(clip).mean(), contrast)
            clip = _blended(clip, _grey(clip), saturation)
        if _chance(self.grey):
            clip = _grey(clip).expand_as(clip)
        return (clip * 255).round().to(torch.uint8) if x.dtype == torch.uint8 else clip.contiguous()

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"min_area={self.min_area}, flip={self.flip}, jitter={self.jitter}, strength={self.strength}, grey={self.grey}"


def _chance(p: float) -> bool:
    return bool(torch.rand(()).item() < p)


def _grey(clip: torch.Tensor) -> torch.Tensor:
    """(1, T, H, W): the brightness of each pixel (ITU-R BT.601)."""
    shares = (
        torch.tensor([0.299, 0.587, 0.114]) if clip.shape[0] == 3 else torch.full((clip.shape[0],), 1 / clip.shape[0])
    )
    return torch.einsum("cthw,c->thw", clip, shares)[None]


def _blended(clip: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    return (clip * share + other * (1 - share)).clamp(0, 1)


class TwoViews:
    """Makes two views of a sample's clip: ``video``, and ``second_view``.

    Args:
        augmentation: called with the clip, (C, T, H, W) of uint8, once for each view; what is random in it makes the
            difference, and it must treat all frames alike.
        transform: of samples; makes of each view what the model takes.
    """

    def __init__(self, augmentation: BuiltTransform, transform: BuiltTransform) -> None:
        self.augmentation, self.transform = augmentation, transform

    def __call__(self, x: dict[str, Any]) -> dict[str, Any]:
        """Returns a sample; the one given stays as it is.

        Raises:
            MissingKeyError: if the sample has no clip.
        """
        clip = value_of(x, "video", "TwoViews")
        first, second = (self.transform({**x, "video": self.augmentation(clip.clone())}) for _ in range(2))
        return {**first, SECOND: second["video"]}

    def __repr__(self) -> str:
        return f"TwoViews(augmentation={self.augmentation!r}, transform={self.transform!r})"

    def sample_pushdown(self, key: str) -> Pushdown | None:
        """Hands on the frames that the transform keeps, which both views have."""
        found = pushdown(self.transform, key) if key == "video" else None
        if found is None or found.rest is None:
            return None
        return Pushdown(found.select, rest=TwoViews(self.augmentation, found.rest), framewise=False)
