"""Moving along the time of images (T * B, C, H, W)."""

from __future__ import annotations

import torch
from attrs import frozen
from torch.nn import functional as F


@frozen
class Reach:
    """The output frames that one step of a window in time contributes to, and the input frames that it reads.

    Attributes:
        step: which step of the window.
        first: the first output frame that meets a frame of the clip at this step; the others meet padding.
        count: how many do, one after the other.
        source: the input frame that the first of them reads.
    """

    step: int
    first: int
    count: int
    source: int


def reaches(frames: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> tuple[int, list[Reach]]:
    """The number of output frames, and the reach of each step that meets a frame at all."""
    outputs = (frames + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    found = []
    for step in range(kernel):
        offset = step * dilation - padding
        met = [t for t in range(outputs) if 0 <= t * stride + offset < frames]
        if met:
            found.append(Reach(step, met[0], len(met), met[0] * stride + offset))
    return outputs, found


def read(images: torch.Tensor, reach: Reach, stride: int, batch: int) -> torch.Tensor:
    """The frames that a step reads."""
    if stride == 1 or reach.count == 1:
        if reach.count * batch == images.shape[0]:
            return images
        return images[reach.source * batch : (reach.source + reach.count) * batch]
    starts = range(reach.source, reach.source + reach.count * stride, stride)
    return torch.cat([images[t * batch : (t + 1) * batch] for t in starts])


def placed(images: torch.Tensor, reach: Reach, outputs: int, batch: int) -> torch.Tensor:
    """What a step gives, with frames of zeros where it meets padding."""
    before, after = reach.first * batch, (outputs - reach.first - reach.count) * batch
    if not before and not after:
        return images
    return F.pad(images, (0, 0, 0, 0, 0, 0, before, after))
