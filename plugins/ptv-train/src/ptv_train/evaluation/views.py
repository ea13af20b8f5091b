"""The views of a video that an evaluation averages over: clips spread over its time, crops along its longer side."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from attrs import evolve, frozen

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_transforms.frame_pushdown import Pushdown, pushdown
from ptv_transforms.functional import uniform_crop
from ptv_video.samplers.clip_sampler import ClipInfo, ClipInfoList, Seconds, WholeListSampler, positive_count

CENTRE: Final = 1
"""The crop in the middle, as ``uniform_crop`` counts them."""

_PLACES: Final = (0, CENTRE, 2)
_TEXT: Final = re.compile(r"([1-9]\d*)x([1-9]\d*)")

Transform = Callable[[dict[str, Any]], dict[str, Any]]


@frozen
class Views:
    """How many views of each video are scored.

    Attributes:
        clips: spread evenly over the video, see :class:`EvenClipSampler`.
        crops: 1 (the model's own, in the centre) or 3 along the longer side.
    """

    clips: int = 1
    crops: int = 1

    def __attrs_post_init__(self) -> None:
        positive_count("clips", self.clips)
        if self.crops not in (1, len(_PLACES)):
            raise ArgumentError(f"crops={self.crops!r}: there are 1 (the centre) or 3 crops along the longer side")

    @classmethod
    def parse(cls, text: str) -> Views:
        """Views written as ``CLIPSxCROPS``, such as ``10x3``.

        Raises:
            ArgumentError: it is written in another way, or the crops are not 1 or 3.
        """
        found = _TEXT.fullmatch(text.strip().lower())
        if found is None:
            raise ArgumentError(
                f"views={text!r} is not of the form CLIPSxCROPS, such as 10x3 (ten clips, three crops of each) or 1x1"
            )
        return cls(int(found[1]), int(found[2]))

    @property
    def count(self) -> int:
        """Number of views of a video."""
        return self.clips * self.crops

    @property
    def places(self) -> tuple[int, ...]:
        """The number of each crop: 0, 1, 2 for left, centre, right (or top, centre, bottom)."""
        return (CENTRE,) if self.crops == 1 else _PLACES

    def __str__(self) -> str:
        return f"{self.clips}x{self.crops}"


class EvenClipSampler(WholeListSampler):
    """Clips spread evenly over the whole video, where PySlowFast and PyTorchVideo have them for the published figures.

    Clip i of n starts at i / n of the room that the video leaves beside one clip, as those of the sampler
    ``constant_clips_per_video`` do. One clip alone lies in the middle. In a video shorter than a clip all are the same,
    filled up with its last frame.

    Args:
        clip_duration: length of a clip in seconds.
        clips: number of clips.
    """

    def __init__(self, clip_duration: Seconds, clips: int = 1) -> None:
        super().__init__(clip_duration)
        self._count_of_any_video = positive_count("clips", clips)

    def _clips(self, video_duration: Fraction, rng: random.Random) -> list[ClipInfo] | list[ClipInfoList]:
        count = self._count_of_any_video or 1
        room = max(video_duration - self._clip_duration, Fraction(0))
        starts = [room * i / count for i in range(count)] if count > 1 else [room / 2]
        return [ClipInfo(s, s + self._clip_duration, i, 0, i == count - 1) for i, s in enumerate(starts)]


@frozen
class ViewTransform:
    """Makes the inputs of all crops of a clip; what they have in common is done once.

    Called with a sample, it gives one sample per crop, with ``aug_index`` set to its place.

    Attributes:
        places: of the crops.
        before: what is done to the clip before it is cropped.
        size: side of the crops in pixels; ``None`` if ``before`` crops by itself, as its ``aug_index`` says.
        after: what is done to each crop.
    """

    places: tuple[int, ...]
    before: Transform
    size: int | None = None
    after: Transform | None = None

    def __call__(self, sample: dict[str, Any]) -> list[dict[str, Any]]:
        """The samples of the crops."""
        if self.size is None:
            # Each crop has a clip of its own, because a transform may change it in place.
            return [self.before({**_copied(sample), "aug_index": place}) for place in self.places]
        clip = self.before(sample)
        crops = [
            {**clip, "video": uniform_crop(clip["video"], self.size, place), "aug_index": place}
            for place in self.places
        ]
        return crops if self.after is None else [self.after(crop) for crop in crops]

    def selecting(self) -> tuple[Callable[[int], list[int]], ViewTransform] | None:
        """Which frames of a clip are needed, and the transform of those; ``None`` if all are."""
        found: Pushdown | None = pushdown(self.before)
        if found is None or found.rest is None:
            return None
        return found.select, evolve(self, before=found.rest)


def view_transform(transform: str, views: Views, registry: ptv_registry.Registry | None = None) -> ViewTransform:
    """The transform of a model, made to give all crops of a clip.

    With three crops, a step ``center_crop(size=...)`` becomes three of that size along the longer side; a transform with
    ``uniform_crop_video`` is called three times. One crop is the transform as it is.

    Args:
        transform: spec of a transform of samples.
        views: how many crops there are.
        registry: where names are looked up, for instance one with ``trusted_dists``.

    Raises:
        ArgumentError: there are three crops, and nothing in the transform says where they are cut.
    """
    spec = ptv_registry.parse(transform)
    whole = ptv_registry.build(spec, kind="transform", foreign=True, registry=registry)
    if views.crops == 1 or _mentions(spec, "uniform_crop_video"):
        return ViewTransform(views.places, whole)
    if spec.name == "apply_transform_to_key" and spec.args.get("key") == "video":
        inner = spec.args["transform"]
        steps = list(inner.args["transforms"]) if getattr(inner, "name", "") == "compose" else [inner]
        at = [i for i, step in enumerate(steps) if getattr(step, "name", step) == "center_crop"]
        size = _side(steps[at[0]].args.get("size")) if len(at) == 1 and hasattr(steps[at[0]], "args") else None
        if size is not None:
            before, after = (_of_clips(steps[: at[0]], registry), _of_clips(steps[at[0] + 1 :], registry))
            return ViewTransform(views.places, before or _same, size, after)
    raise ArgumentError(
        f"{views} views are three crops of each clip, and the transform {transform} says nowhere how large they are; give "
        f"{views.clips}x1, or a transform (--transform) that has a step center_crop(size=...) or uniform_crop_video(size=...)"
    )


def _of_clips(steps: list[Any], registry: ptv_registry.Registry | None) -> Transform | None:
    """The transform of samples that applies steps to their clip."""
    if not steps:
        return None
    inner = ptv_registry.Spec("compose", {"transforms": steps})
    spec = ptv_registry.Spec("apply_transform_to_key", {"key": "video", "transform": inner}, "transform")
    built: Transform = ptv_registry.build(spec, registry=registry)
    return built


def _copied(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample with pictures and sound of its own."""
    return sample | {key: sample[key].clone() for key in ("video", "audio") if key in sample}


def _same(sample: dict[str, Any]) -> dict[str, Any]:
    return sample


def _side(size: Any) -> int | None:
    """The side of a square crop, from a number or two equal ones."""
    if isinstance(size, list | tuple) and len(size) == 2 and size[0] == size[1]:
        size = size[0]
    return size if isinstance(size, int) and not isinstance(size, bool) else None


def _mentions(value: Any, name: str) -> bool:
    if isinstance(value, ptv_registry.Spec):
        return value.name == name or any(_mentions(item, name) for item in value.args.values())
    return isinstance(value, list | tuple) and any(_mentions(item, name) for item in value)
