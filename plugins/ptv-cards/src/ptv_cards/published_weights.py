"""Published models and their checkpoints: what the table ``weights.toml`` beside the models of a distribution says.

Every other list (entry points, ``ptv zoo``, torch hub, the pages of the documentation) follows from these tables; see
``tests/system/test_published_models.py``. Reading them imports no torch.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

from attrs import evolve, field, frozen

from ptv_cards.clip_input import ClipInput
from ptv_registry.records import RecordError, structured

_Builder = TypeVar("_Builder", bound=Callable[..., Any])
Table = Literal["pytorchvideo", "pyslowfast"]
FILE: Final = "weights.toml"
_PYSLOWFAST: Final = "https://dl.fbaipublicfiles.com/pytorchvideo/pysf_model_zoo"


def _views(value: Any) -> tuple[int, int] | None:
    """TOML has no null: an empty list stands for an evaluation whose views are unknown."""
    return tuple(value) if value else None


@frozen
class PublishedWeights:
    """A published checkpoint, and what its publisher says about it.

    Attributes:
        name: what ``build(model, weights=name)`` calls it.
        url: its address.
        spec: builds the model that the checkpoint is for.
        dataset: what it was trained on, as the table names it.
        num_classes: of the dataset; ``None`` if that is unknown.
        table: whose table the row is of; ``None`` for a checkpoint without published figures.
        clip_input: the clips that this model takes; ``None`` if that is unknown.
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
    views: tuple[int, int] | None = field(default=(3, 10), converter=_views)
    pretrain: str | None = None
    config: str | None = None
    input_note: str = ""
    erratum: str = ""

    def in_pyslowfast(self, url: str, config: str, *, erratum: str = "") -> PublishedWeights:
        """The row with the same figures in PySlowFast's table, which has other addresses.

        Args:
            url: of the checkpoint, below PySlowFast's folder of this collection.
            config: path of the configuration, below PySlowFast's folder of configurations.
            erratum: what is wrong in that row.
        """
        name = f"{self.name}_pyslowfast"
        return evolve(
            self,
            name=name,
            url=f"{_PYSLOWFAST}/{url}",
            table="pyslowfast",
            config=config,
            erratum=erratum or self.erratum,
        )


@frozen
class PublishedModel:
    """What a table says about one model.

    Attributes:
        clip_input: the clips it was published for; ``None`` if that is unknown.
        hub: the module of ``pytorchvideo.models.hub`` that has it; empty for a model that is not in torch hub.
        weights: its checkpoints; the first is the one that torch hub loads.
    """

    clip_input: ClipInput | None = None
    hub: str = ""
    weights: tuple[PublishedWeights, ...] = ()


@cache
def published_models(package: str) -> Mapping[str, PublishedModel]:
    """The table of a package, which lies beside its modules as ``weights.toml``.

    A model is a table of its name, with ``clip_input``, ``hub`` and an array ``weights``. A row of it has the attributes
    of :class:`PublishedWeights`; ``spec`` is the model's name and ``clip_input`` the model's unless the row says otherwise,
    and ``pyslowfast`` gives the arguments of :meth:`PublishedWeights.in_pyslowfast` where that table has the row too.

    Args:
        package: name of an installed package.

    Raises:
        RecordError: the table is not TOML, or an entry has unknown or wrong attributes.
    """
    text = files(package).joinpath(FILE).read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecordError(f"{FILE} of {package}: {error}") from error
    return MappingProxyType({name: _model(name, dict(entry), f"{FILE} of {package}") for name, entry in data.items()})


def _model(name: str, entry: dict[str, Any], where: str) -> PublishedModel:
    clips = _clips(entry.pop("clip_input", None), f"clip_input of {name} in {where}")
    rows: list[PublishedWeights] = []
    for row in entry.pop("weights", []):
        what = f"a row of {name} in {where}"
        pyslowfast = row.pop("pyslowfast", None)
        own_clips = _clips(row.pop("clip_input", None), what) or clips
        rows.append(structured(PublishedWeights, {"spec": name, **row}, what, clip_input=own_clips))
        if pyslowfast is not None:
            rows.append(rows[-1].in_pyslowfast(**pyslowfast))
    return structured(PublishedModel, entry, f"{name} in {where}", clip_input=clips, weights=tuple(rows))


def _clips(data: Any, what: str) -> ClipInput | None:
    return None if data is None else structured(ClipInput, data, what)


def has_weights(*rows: PublishedWeights) -> Callable[[_Builder], _Builder]:
    """Declares on a model's builder which checkpoints are published for it."""

    def mark(builder: _Builder) -> _Builder:
        builder.published_weights = rows  # type: ignore[attr-defined]
        return builder

    return mark


def weights_of(builder: Callable[..., Any]) -> tuple[PublishedWeights, ...]:
    """The checkpoints that are published for what a builder builds."""
    rows: tuple[PublishedWeights, ...] = getattr(builder, "published_weights", ())
    return rows
