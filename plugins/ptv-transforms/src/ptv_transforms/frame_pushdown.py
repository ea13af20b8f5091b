"""Which frames a transform keeps, so that the decoder converts only those.

``pushdown(transform)`` splits a transform in two: ``select`` says which frames it will keep of a clip, and ``rest``
does what remains to be done once only those are there. ``rest`` of the kept frames is equal, bit by bit, to the
transform of the whole clip.

A transform takes part by declaring it, in a method that needs no import from here but the class it returns:

- a transform of clips, (C, T, H, W), has ``clip_pushdown(self) -> Pushdown | None``;
- a transform of samples (dicts) has ``sample_pushdown(self, key) -> Pushdown | None``, where ``key`` is the clip's.

``None``, or no such method, says nothing about frames: all frames reach the transform. A transform that treats each
frame alone and without chance returns ``Pushdown(rest=self)``, and frames can be selected before it as well as after.
Containers (``Compose``, ``nn.Sequential``) are looked into, and so are functions and ``Lambda`` of them: one that only
calculates with the values, such as ``lambda x: x / 255.0``, treats each frame alone (:mod:`ptv_transforms.elementwise`).

Steps in a row that treat each frame alone are run frame by frame in ``rest``, also behind a step that does not: what is
between them, floats of the full size, then is as small as one frame. The first of them that even treat each row alone, such
as a division, are run on some rows at a time, so that what is between those stays in the processor's cache, and the floats
of each frame take the place of those of the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import torch
from attrs import frozen
from torch import nn

from ptv_transforms.compose import Compose
from ptv_transforms.elementwise import elementwise
from ptv_transforms.torchvision_steps import function_of, is_framewise, steps_of

#: Values in the rows that are worked on at a time: a mebibyte of floats.
_VALUES: Final = 1 << 18


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
        draw: if chance decides once what ``rest`` does to all frames alike: decides it, and gives that transform.
        fresh: what ``rest`` returns lies in memory of its own, that nobody else has.
        any_layout: what ``rest`` does is the same, bit by bit, however its input lies in memory.
        each_frame: that part of ``rest`` of samples that can be done to each frame of the clip, (C, 1, H, W), as it
            comes, so that clips of the full size never are; ``None`` for no such part.
        after: what is left of ``rest`` when ``each_frame`` is done; takes and returns what ``rest`` does.
        overwriting: does what ``rest`` does and may change its input, which must be in memory that nobody else has.
        by_rows: ``rest`` treats each row of each frame alone and keeps their shape.
    """

    select: Callable[[int], list[int]] = all_frames
    rest: Callable[[Any], Any] | None = None
    framewise: bool = True
    draw: Callable[[], Callable[[Any], Any]] | None = None
    fresh: bool = False
    overwriting: Callable[[Any], Any] | None = None
    any_layout: bool = False
    by_rows: bool = False
    each_frame: Callable[[Any], Any] | None = None
    after: Callable[[Any], Any] | None = None

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


def contiguous(x: torch.Tensor) -> torch.Tensor:
    """Lays a clip out as a selection does, for what comes next may differ in the last bits with the layout."""
    return x.contiguous()


@frozen
class _InTurn:
    """Applies functions one after the other."""

    steps: tuple[Callable[[Any], Any], ...]

    def __call__(self, x: Any) -> Any:
        for step in self.steps:
            x = step(x)
        return x


def _in_turn(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any] | None:
    return None if not steps else steps[0] if len(steps) == 1 else _InTurn(tuple(steps))


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
    return Pushdown(
        found.select,
        found.rest or _pass_through,
        found.framewise,
        each_frame=found.each_frame,
        after=(found.after or _pass_through) if found.each_frame is not None else None,
    )


def clip_pushdown(transform: Callable[[Any], Any]) -> Pushdown | None:
    """Splits a transform of clips, as :func:`pushdown` does a transform of samples."""
    return _of(transform, lambda step: step.clip_pushdown(), "clip_pushdown")


def _of(transform: Any, ask: Callable[[Any], Pushdown | None], method: str) -> Pushdown | None:
    if callable(getattr(transform, method, None)):
        return ask(transform)
    steps = _steps(transform)
    if steps is not None:
        return _of_steps([(step, _of(step, ask, method)) for step in steps], method == "clip_pushdown")
    if method != "clip_pushdown":
        return None
    if type(transform) is nn.Identity or is_framewise(transform):
        return Pushdown(rest=transform)
    return _of_function(transform)


def _of_function(transform: Any) -> Pushdown | None:
    function = function_of(transform) or transform
    if isinstance(function, nn.Module):
        return None
    found = elementwise(function)
    return None if found is None else Pushdown(rest=transform, fresh=found.fresh, by_rows=True)


def _steps(transform: Any) -> list[Callable[[Any], Any]] | None:
    """Looks into a container; one that runs its steps in a way of its own is opaque."""
    kind = type(transform)
    if isinstance(transform, Compose) and kind.forward is Compose.forward:
        return list(transform.transforms)
    if isinstance(transform, nn.Sequential) and kind.forward is nn.Sequential.forward:
        return list(transform)
    return steps_of(transform)


@frozen
class _Step:
    """A step that treats each frame alone, possibly after a draw for all of them; see :class:`Pushdown`."""

    apply: Callable[[Any], Any]
    draw: Callable[[], Callable[[Any], Any]] | None = None
    fresh: bool = False
    by_rows: bool = False


@frozen
class _FrameByFrame:
    """Runs steps on one frame of a clip, (C, T, H, W), after the other."""

    steps: tuple[_Step, ...]

    def __call__(self, x: Any) -> Any:
        chain = [step.apply if step.draw is None else step.draw() for step in self.steps]
        # An accelerator has rather few large operations than many small ones.
        if not (type(x) is torch.Tensor and x.device.type == "cpu" and x.dim() == 4 and x.shape[1] > 1):
            return _InTurn(tuple(chain))(x)
        number = next((place for place, step in enumerate(self.steps) if not step.by_rows), len(chain))
        by_rows, others = _ByRows(tuple(chain[:number])), _InTurn(tuple(chain[number:]))
        done: torch.Tensor | None = None
        for place, frame in enumerate(x.split(1, dim=1)):
            made = others(by_rows(frame) if number else frame)
            if done is None:
                done = made.new_empty((made.shape[0], x.shape[1], *made.shape[2:]))
            done[:, place] = made[:, 0]
        return done


class _ByRows:
    """Runs steps that treat each row alone on some rows of a frame, (C, 1, H, W), after the other.

    The result of each call is in the same memory. To take new memory for each frame would cost about as much as to calculate.
    """

    def __init__(self, steps: tuple[Callable[[Any], Any], ...]) -> None:
        self._apply = _InTurn(steps)
        self._made: torch.Tensor | None = None

    def __call__(self, frame: torch.Tensor) -> torch.Tensor:
        channels, _, height, width = frame.shape
        rows = max(1, _VALUES // max(1, channels * width))
        for first in range(0, max(height, 1), rows):
            part = self._apply(frame[:, :, first : first + rows])
            if self._made is None:
                self._made = part.new_empty(frame.shape)
            self._made[:, :, first : first + rows] = part
        return frame if self._made is None else self._made


def _of_steps(steps: Iterable[tuple[Callable[[Any], Any], Pushdown | None]], of_clips: bool) -> Pushdown | None:
    selections: list[Callable[[int], list[int]]] = []
    rest: list[Callable[[Any], Any]] = []
    alone: list[_Step] = []  # those at the end of ``rest`` that treat each frame alone
    leading: list[Callable[[Any], Any]] = []  # those before the first that needs the whole clip
    after: list[Callable[[Any], Any]] = []
    movable = True  # a selection here can be made at the start
    for step, found in steps:
        first = not rest and not alone
        part: Callable[[Any], Any] | None = step
        if movable and found is not None:
            part = found.rest
            if found.selects:
                selections.append(found.select)
        movable = movable and found is not None and found.framewise
        if part is None:
            continue
        if found is not None and found.any_layout and alone and alone[-1].apply is contiguous:
            del alone[-1], leading[-1:]
        if of_clips and movable:
            leading.append(part)
        elif first and found is not None and found.each_frame is not None:
            leading.append(found.each_frame)
            after += [] if found.after is None else [found.after]
        else:
            after.append(part)
        alike = of_clips and found is not None and (found.framewise or found.draw is not None)
        if not alike or found is None or (found.selects and part is step):
            rest += [*_joined(alone), part]
            alone = []
        elif isinstance(part, _FrameByFrame):
            alone += part.steps
        elif alone and alone[-1].fresh and found.overwriting is not None:
            alone.append(_Step(found.overwriting, found.draw, found.fresh, found.by_rows))
        else:
            alone.append(_Step(part, found.draw, found.fresh, found.by_rows or part is contiguous))
    rest += _joined(alone)
    if not selections and not movable:
        return None
    select = (
        all_frames if not selections else selections[0] if len(selections) == 1 else _Successively(tuple(selections))
    )
    whole = None if not rest else rest[0] if len(rest) == 1 else Compose(rest)
    return Pushdown(select, whole, movable, each_frame=_in_turn(leading), after=_in_turn(after))


def _joined(alone: list[_Step]) -> list[Callable[[Any], Any]]:
    # Two steps, such as a layout and a conversion, gain nothing that pays for putting the frames together again.
    return [_FrameByFrame(tuple(alone))] if len(alone) > 2 else [step.apply for step in alone]
