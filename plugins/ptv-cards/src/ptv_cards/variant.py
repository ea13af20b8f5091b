"""``variant``: a published model as a row of its builder's arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.published_weights import PublishedWeights, has_weights


def variant(
    name: str,
    builder: Callable[..., nn.Module],
    doc: str,
    *,
    clips: ClipInput | None = None,
    weights: Sequence[PublishedWeights] = (),
    row: dict[str, Any],
) -> partial[nn.Module]:
    """The builder with other defaults; every argument of the builder may still be given.

    Args:
        name: of the variant.
        builder: of the family.
        doc: the variant's docstring.
        clips: what clips it was published for.
        weights: checkpoints that are published for it.
        row: its arguments, as the paper's table has them.
    """
    made = partial(builder, **row)
    made.__name__ = made.__qualname__ = name  # type: ignore[attr-defined]
    made.__doc__ = doc
    if clips is not None:
        takes_clips(clips)(made)
    return has_weights(*weights)(made)
