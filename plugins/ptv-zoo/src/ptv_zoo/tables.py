"""The rows of the published tables, found beside the installed models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen
from importlib_metadata import entry_points

from ptv_cards.published_weights import PublishedModel, PublishedWeights, published_models, weights_of
from ptv_registry import default_registry
from ptv_registry.errors import ArgumentError, PtvError
from ptv_zoo.errors import UnknownWeightsError

GROUP: Final = "ptv_zoo.v1.weights"
"""The entry points that lead to the tables of published models."""


@frozen
class Row:
    """A published checkpoint and the name of the model it is listed beside."""

    model: str
    weights: PublishedWeights

    @property
    def key(self) -> str:
        """How commands name it: ``slow_r50/kinetics400``."""
        return f"{self.model}/{self.weights.name}"


def rows() -> Iterator[Row]:
    """Every row of an installed model, or of one that this process registered; imports no model and no torch.

    A distribution declares in the group ``ptv_zoo.v1.weights`` the package that its table lies in, see
    :func:`ptv_cards.published_weights.published_models`. What cannot be read is left to ``ptv doctor``.
    """
    tables = {point.dist.name: point.value for point in entry_points(group=GROUP) if point.dist is not None}
    for entry in default_registry().entries("model"):
        if entry.deprecated:
            continue
        if entry.target is not None:
            found = weights_of(entry.target)
        elif entry.dist in tables:
            found = _table(tables[entry.dist]).get(entry.name, PublishedModel()).weights
        else:
            continue
        for weights in found:
            yield Row(entry.name, weights)


def _table(package: str) -> Mapping[str, PublishedModel]:
    try:
        return published_models(package)
    except (ImportError, OSError, PtvError):
        return {}


def find(key: str) -> Row:
    """The row of ``model/weights``; the first of a model by its name alone.

    Raises:
        UnknownWeightsError: there is none; the message lists those of the model, or the models.
    """
    model, _, name = key.partition("/")
    known = [row for row in rows() if row.model == model]
    for row in known:
        if not name or row.weights.name == name:
            return row
    if known:
        raise UnknownWeightsError(
            f"{model} has no weights {name!r}; there are {', '.join(r.weights.name for r in known)}"
        )
    models = sorted({row.model for row in rows()})
    raise UnknownWeightsError(f"no weights are published for {model!r}; they are for {', '.join(models)}")


def address(builder: Callable[..., Any], model: str, value: Any) -> tuple[str, PublishedWeights | None]:
    """The address that ``weights=value`` means for a model, and its row if it is the name of one.

    Raises:
        UnknownWeightsError: it is neither an address nor the name of a row.
    """
    if not isinstance(value, str):
        raise ArgumentError(
            f"weights={value!r} is not a string; give a name, file:PATH or an address such as https://..."
        )
    if value.startswith("file:") or "://" in value:
        return value, None
    known = weights_of(builder)
    for row in known:
        if row.name == value:
            return row.url, row
    names = f"there are {', '.join(row.name for row in known)}" if known else "none are published for it"
    raise UnknownWeightsError(
        f"{model} has no weights {value!r}; {names}; for a file of your own write 'file:{value}'",
        model=model,
        value=value,
    )
