"""``variant``: a published model as a row of its builder's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.published_weights import PublishedModel, has_weights
from ptv_registry.errors import ArgumentError


def variant(
    name: str,
    builder: Callable[..., nn.Module],
    doc: str,
    *,
    row: Mapping[str, Any],
    table: Mapping[str, PublishedModel] | None = None,
    clips: ClipInput | None = None,
) -> partial[nn.Module]:
    """The builder with other defaults; every argument of the builder may still be given.

    Args:
        name: of the variant.
        builder: of the family.
        doc: the variant's docstring.
        row: its arguments, as the paper's table has them.
        table: the published models of the family, as :func:`ptv_cards.published_weights.published_models` reads them;
            says what clips the variant takes and which checkpoints there are for it.
        clips: what clips it takes, for a variant without a table.

    Raises:
        ArgumentError: the table does not have the variant.
    """
    made = partial(builder, **row)
    made.__name__ = made.__qualname__ = name  # type: ignore[attr-defined]
    made.__doc__ = doc
    if table is not None:
        if name not in table:
            raise ArgumentError(f"the table of published models has no [{name}]; it has {', '.join(table)}")
        has_weights(*table[name].weights)(made)
        clips = clips or table[name].clip_input
    if clips is not None:
        takes_clips(clips)(made)
    return made
