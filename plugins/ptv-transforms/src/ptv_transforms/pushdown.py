"""Which frames a transform keeps, so that a decoder converts only those.

``pushdown(transform)`` splits a transform in two: ``select`` says which frames it will keep of a clip, and ``rest``
does what remains to be done once only those are there. ``rest`` of the kept frames is equal, bit by bit, to the
transform of the whole clip.

A transform takes part by declaring it, in a method that needs no import from here but the class it returns:

- a transform of clips, (C, T, H, W), has ``clip_pushdown(self) -> Pushdown | None``;
- a transform of samples (dicts) has ``sample_pushdown(self, key) -> Pushdown | None``, where ``key`` is the clip's.

``None``, or no such method, says nothing about frames: all frames reach the transform. A transform that treats each
frame alone and without chance returns ``Pushdown(rest=self)``, and frames can be selected before it as well as after.
Containers (``Compose``, ``nn.Sequential``) are looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torchvision.transforms as v1
from attrs import frozen
from torch import nn
from torchvision.transforms import v2


def all_frames(num_frames: int) -> list[int]:
    """Keeps every frame."""
    return list(range(num_frames))


@frozen
class Pushdown:
    """A transform split into the frames that it keeps and what it does to them.

    Attributes:
        select: ``select(num_frames)`` gives the indices of the kept frames, in order; one may occur more than once.
        rest: what to apply when only those frames are there; ``None`` for nothing.
        framewise: ``rest`` treats each frame alone and without chance, so that later selections may move before it.
    """

    select: Callable[[int], list[int]] = all_frames
    rest: Callable[[Any], Any] | None = None
    framewise: bool = True

    @property
    def selects(self) -> bool:
        """Whether there may be frames that are not kept."""
        return self.select is not all_frames


@frozen
class _Successively:
    """Selects frames of a clip, then of what is left, and so on."""

    selections: tuple[Callable[[int], list[int]], ...]

    def __call__(self, num_frames: int) -> list[int]:
        kept = all_frames(num_frames)
        for select in self.selections:
            kept = [kept[i] for i in select(len(kept))]
        return kept


def _pass_through(x: Any) -> Any:
    return x


def pushdown(transform: Callable[[Any], Any], key: str = "video") -> Pushdown | None:
    """Splits a transform of samples into the frames that it keeps and what it does to them.

    Args:
        transform: any transform of samples (dicts), such as ``ApplyTransformToKey("video", ...)`` or a ``Compose``.
        key: where a sample has its clip, (C, T, H, W).

    Returns:
        ``select`` and ``rest``; ``rest`` takes the sample whose clip holds only the selected frames, in their order.
        ``None`` if the transform needs all frames, or does not say.
    """
    found = _of(transform, lambda step: step.sample_pushdown(key), "sample_pushdown")
    if found is None or not found.selects:
        return None
    return Pushdown(found.select, found.rest or _pass_through, found.framewise)


def clip_pushdown(transform: Callable[[Any], Any]) -> Pushdown | None:
    """Splits a transform of clips, as :func:`pushdown` does a transform of samples."""
    return _of(transform, lambda step: step.clip_pushdown(), "clip_pushdown")


def _of(transform: Any, ask: Callable[[Any], Pushdown | None], method: str) -> Pushdown | None:
    if callable(getattr(transform, method, None)):
        return ask(transform)
    steps = _steps(transform)
    if steps is not None:
        return _of_steps([(step, _of(step, ask, method)) for step in steps])
    if method == "clip_pushdown" and type(transform) in _TORCHVISION_FRAMEWISE:
        return Pushdown(rest=transform)
    return None


def _steps(transform: Any) -> list[Callable[[Any], Any]] | None:
    """Looks into a container; one that runs its steps in a way of its own is opaque."""
    kind = type(transform)
    plain_v1 = isinstance(transform, v1.Compose) and kind.__call__ is v1.Compose.__call__
    plain_v2 = isinstance(transform, v2.Compose) and kind.forward is v2.Compose.forward
    if plain_v1 or plain_v2:
        return list(transform.transforms)
    if isinstance(transform, nn.Sequential) and kind.forward is nn.Sequential.forward:
        return list(transform)
    return None


# Operations over the last two dimensions or on single values, without chance. (Not torchvision's Normalize: of a
# (C, T, H, W) clip it takes the frames for the channels.)
_TORCHVISION_FRAMEWISE = (v1.CenterCrop, v2.CenterCrop, v1.ConvertImageDtype, nn.Identity, v2.Identity)


def _of_steps(steps: Iterable[tuple[Callable[[Any], Any], Pushdown | None]]) -> Pushdown | None:
    selections: list[Callable[[int], list[int]]] = []
    rest: list[Callable[[Any], Any]] = []
    framewise = True
    for step, found in steps:
        if not framewise or found is None:
            # What came before may select; from here on the steps run as they are.
            rest.append(step)
            framewise = False
            continue
        if found.selects:
            selections.append(found.select)
        if found.rest is not None:
            rest.append(found.rest)
        framewise = found.framewise
    if not selections and not framewise:
        return None
    select = (
        all_frames if not selections else selections[0] if len(selections) == 1 else _Successively(tuple(selections))
    )
    whole = None if not rest else rest[0] if len(rest) == 1 else v2.Compose(rest)
    return Pushdown(select, whole, framewise)
