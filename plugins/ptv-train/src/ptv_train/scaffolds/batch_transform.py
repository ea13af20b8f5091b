"""A batch transform."""

from typing import Any

import torch


class MineBatchTransform:
    """Blends each clip with the one before it in the batch, and their labels in the same shares.

    Args:
        num_classes: number of classes.
        share: the largest share of the other clip.
    """

    def __init__(self, num_classes: int = 2, share: float = 0.5) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"share={share!r} must be from 0 to 1")
        self.num_classes, self.share = num_classes, share

    def __call__(self, clips: Any, labels: torch.Tensor) -> tuple[Any, torch.Tensor]:
        """Clips (B, C, T, H, W), or a list of such for several pathways, and labels (B) or (B, classes)."""
        other = self.share * float(torch.rand(()))
        if labels.ndim == 1:
            labels = torch.nn.functional.one_hot(labels, self.num_classes).float()

        def blended(values: torch.Tensor) -> torch.Tensor:
            return (1 - other) * values + other * values.roll(1, 0)

        mixed = [blended(pathway) for pathway in clips] if isinstance(clips, list) else blended(clips)
        return mixed, blended(labels)
