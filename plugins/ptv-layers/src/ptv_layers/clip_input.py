"""``ClipInput``: what clips a model was designed for, as data beside the model."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from attrs import frozen

_Builder = TypeVar("_Builder", bound=Callable[..., Any])


@frozen
class ClipInput:
    """The clips that a published model takes.

    Attributes:
        num_frames: frames of a clip; for models of several pathways, of the fastest one.
        sampling_rate: every so many frames of the video one is taken ("frame length x sample rate").
        side: short side in pixels that frames are scaled to.
        crop: side in pixels of the square that is cut from their centre.
        alpha: for SlowFast, how many times fewer frames the slow pathway gets.
        frame_rate: frames per second that ``sampling_rate`` counts in.
        mean, std: per channel, of pixel values in [0, 1].
    """

    num_frames: int
    sampling_rate: int
    side: int = 256
    crop: int = 256
    alpha: int | None = None
    frame_rate: int = 30
    mean: tuple[float, float, float] = (0.45, 0.45, 0.45)
    std: tuple[float, float, float] = (0.225, 0.225, 0.225)

    @property
    def seconds(self) -> Fraction:
        """Length of a clip."""
        return Fraction(self.num_frames * self.sampling_rate, self.frame_rate)

    @property
    def transform(self) -> str:
        """Spec of the transform of the published evaluation: equispaced frames, short side scaled, centre cropped.

        It takes samples: dicts whose ``video`` is a uint8 clip (C, T, H, W).
        """
        steps = [
            f"uniform_temporal_subsample(num_samples={self.num_frames})",
            # Scaling and normalising may change places: what is small is normalised, and the result is the same to 1e-5.
            f"short_side_scale(size={self.side}, to_float=true)",
            f"center_crop(size={self.crop})",
            f"normalize(mean={list(self.mean)}, std={list(self.std)})",
        ]
        if self.alpha:
            steps.append(f"pack_pathway(alpha={self.alpha})")
        return f"apply_transform_to_key(key='video', transform=compose(transforms=[{', '.join(steps)}]))"


def takes_clips(clip_input: ClipInput) -> Callable[[_Builder], _Builder]:
    """Says of a model's builder what clips the model takes."""

    def mark(builder: _Builder) -> _Builder:
        builder.clip_input = clip_input  # type: ignore[attr-defined]
        return builder

    return mark
