"""Which frames of a clip are kept."""

from __future__ import annotations

import torch

from ptv_registry.errors import ArgumentError


def uniform_temporal_indices(num_frames: int, num_samples: int) -> list[int]:
    """Gives the indices of ``num_samples`` equispaced frames out of ``num_frames``.

    They are ``floor(i * (num_frames - 1) / (num_samples - 1))``, the documented
    ``linspace(0, num_frames - 1, num_samples)`` cut to whole numbers, but in integer arithmetic: a float ``linspace``
    falls just below a whole number now and then, and its frame is then one too early (148 frames, 64 samples). The
    first and the last frame are always kept; a single sample is the first frame.

    Args:
        num_frames: frames of the clip.
        num_samples: frames to keep; more than there are repeats the nearest earlier one.

    Raises:
        ArgumentError: if either is not positive.
    """
    if num_frames < 1:
        raise ArgumentError(f"cannot sample from a clip of {num_frames} frames; it must have at least one")
    if num_samples < 1:
        raise ArgumentError(f"num_samples is {num_samples}; it must be at least 1")
    if num_samples == 1:
        return [0]
    return [i * (num_frames - 1) // (num_samples - 1) for i in range(num_samples)]


def uniform_temporal_subsample(x: torch.Tensor, num_samples: int, temporal_dim: int = -3) -> torch.Tensor:
    """Keeps ``num_samples`` equispaced frames of a clip.

    Args:
        x: a clip of any dtype, (C, T, H, W) or (B, C, T, H, W) with the default ``temporal_dim``.
        num_samples: frames to keep; see :func:`uniform_temporal_indices`.
        temporal_dim: the dimension that counts the frames.

    Raises:
        ArgumentError: if ``num_samples`` is not positive or the clip is empty.
    """
    indices = uniform_temporal_indices(x.shape[temporal_dim], num_samples)
    return torch.index_select(x, temporal_dim, torch.tensor(indices, dtype=torch.long, device=x.device))


def uniform_temporal_subsample_repeated(
    frames: torch.Tensor, frame_ratios: list[int], temporal_dim: int = -3
) -> list[torch.Tensor]:
    """Makes one clip per pathway, each with its own copy of ``T // ratio`` equispaced frames.

    Args:
        frames: a clip of any dtype, (C, T, H, W) with the default ``temporal_dim``.
        frame_ratios: by how much each pathway has fewer frames than the clip, such as ``(4, 1)`` for slow and fast.
        temporal_dim: the dimension that counts the frames.

    Raises:
        ArgumentError: if a ratio is not positive, or larger than the number of frames.
    """
    pathways: list[torch.Tensor] = []
    for length in pathway_lengths(frames.shape[temporal_dim], frame_ratios):
        pathways.append(uniform_temporal_subsample(frames, length, temporal_dim))
    return pathways


def pathway_lengths(num_frames: int, frame_ratios: list[int]) -> list[int]:
    """Gives the number of frames, ``num_frames // ratio``, of each pathway.

    Raises:
        ArgumentError: if a ratio is not positive, or larger than the number of frames.
    """
    lengths: list[int] = []
    for ratio in frame_ratios:
        if ratio < 1:
            raise ArgumentError(f"a frame ratio is {ratio}; ratios must be at least 1")
        if num_frames < ratio:
            raise ArgumentError(
                f"a pathway would be empty: {num_frames} frames at a frame ratio of {ratio}; use a longer clip or a"
                " smaller ratio"
            )
        lengths.append(num_frames // ratio)
    return lengths
