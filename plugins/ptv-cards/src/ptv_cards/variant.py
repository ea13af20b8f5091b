"""``variant``: a published model as a row of its builder's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.published_weights import PublishedModel, has_weights
from ptv_registry.errors import ArgumentError
from ptv_registry.extending import composed_doc


class Variant(partial[nn.Module]):
    """A builder with other defaults, whose signature and order of arguments are the builder's."""

    __name__: str
    __qualname__: str

    @property
    def __signature__(self) -> inspect.Signature:
        builder = inspect.signature(self.func)
        return builder.replace(
            parameters=[
                own.replace(default=self.keywords[own.name]) if own.name in self.keywords else own
                for own in builder.parameters.values()
            ]
        )

    def __call__(self, /, *arguments: Any, **named: Any) -> nn.Module:
        """The model."""
        try:
            given = inspect.signature(self.func).bind_partial(*arguments, **named).arguments
        except TypeError as error:
            raise TypeError(f"{self.__name__}() {error}") from None
        return self.func(**{**self.keywords, **given})


def variant(
    name: str,
    builder: Callable[..., nn.Module],
    doc: str,
    *,
    row: Mapping[str, Any],
    table: Mapping[str, PublishedModel] | None = None,
    clips: ClipInput | None = None,
) -> Variant:
    """The builder with other defaults; every argument of the builder may still be given.

    Args:
        name: of the variant.
        builder: of the family.
        doc: what the variant is; its arguments are described as in the builder.
        row: its arguments, as the paper's table has them.
        table: the published models of the family, as :func:`ptv_cards.published_weights.published_models` reads them;
            says what clips the variant takes and which checkpoints there are for it.
        clips: what clips it takes, for a variant without a table.

    Raises:
        ArgumentError: the table does not have the variant.
    """
    made = Variant(builder, **row)
    made.__name__ = made.__qualname__ = name
    made.__doc__ = composed_doc(builder.__doc__, doc, list(inspect.signature(builder).parameters))
    if table is not None:
        if name not in table:
            raise ArgumentError(f"the table of published models has no [{name}]; it has {', '.join(table)}")
        has_weights(*table[name].weights)(made)
        clips = clips or table[name].clip_input
    if clips is not None:
        takes_clips(clips)(made)
    return made
