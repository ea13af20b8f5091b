"""``PublishedWeights``: a row of a published table of checkpoints, as data beside the model that it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from attrs import evolve, field, frozen

from ptv_cards.clip_input import ClipInput

_Builder = TypeVar("_Builder", bound=Callable[..., Any])
Table = Literal["pytorchvideo", "pyslowfast"]


@frozen
class PublishedWeights:
    """A checkpoint that somebody published, and what they say about it.

    Attributes:
        name: what ``build(model, weights=name)`` calls it.
        url: its address.
        spec: builds the model that the checkpoint is for.
        dataset: what it was trained on, as the table names it.
        num_classes: of the dataset; ``None`` where nobody says it.
        table: whose table the row is of; ``None`` for a checkpoint without published figures.
        clip_input: the clips that this model takes; ``None`` where nobody says it.
        arch, depth, frames_x_rate: the model, as the table names it.
        params_m: parameters in millions, as published; ``None`` where no table has them.
        flops_g: billions of multiply-accumulates for one view, as published; ``None`` where the table has no figure.
        flops_include_norms: whether ``flops_g`` counts norms (5 operations for an output element).
        views: (spatial crops, clips in time) of the evaluation.
        metrics: ``top1`` and ``top5``, or ``map``, in percent.
        pretrain: what the training started from.
        config: PySlowFast's configuration file.
        input_note: what ``clip_input`` cannot say about the input.
        erratum: what is known to be wrong in the published row.
    """

    name: str
    url: str
    spec: str
    dataset: str
    num_classes: int | None = None
    table: Table | None = None
    clip_input: ClipInput | None = None
    arch: str = ""
    depth: str = ""
    frames_x_rate: str = ""
    params_m: float | None = None
    flops_g: float | None = None
    metrics: Mapping[str, float] = field(factory=dict)
    flops_include_norms: bool = True
    views: tuple[int, int] | None = (3, 10)
    pretrain: str | None = None
    config: str | None = None
    input_note: str = ""
    erratum: str = ""

    def in_pyslowfast(self, address: str, config: str, *, erratum: str = "") -> PublishedWeights:
        """The row with the same figures in PySlowFast's table, which has other addresses.

        Args:
            address: of the checkpoint, below PySlowFast's folder of this collection.
            config: path of the configuration, below PySlowFast's folder of configurations.
            erratum: what is wrong in that row.
        """
        url = f"https://dl.fbaipublicfiles.com/pytorchvideo/pysf_model_zoo/{address}"
        name = f"{self.name}_pyslowfast"
        return evolve(self, name=name, url=url, table="pyslowfast", config=config, erratum=erratum or self.erratum)


def has_weights(*rows: PublishedWeights) -> Callable[[_Builder], _Builder]:
    """Says of a model's builder which checkpoints are published for what it builds."""

    def mark(builder: _Builder) -> _Builder:
        builder.published_weights = rows  # type: ignore[attr-defined]
        return builder

    return mark


def weights_of(builder: Callable[..., Any]) -> tuple[PublishedWeights, ...]:
    """The checkpoints that are published for what a builder builds."""
    rows: tuple[PublishedWeights, ...] = getattr(builder, "published_weights", ())
    return rows
