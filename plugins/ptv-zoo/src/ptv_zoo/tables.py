"""The rows of the published tables, found beside the installed models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from ptv_layers.published_weights import PublishedWeights, weights_of
from ptv_registry import _registry
from ptv_registry.errors import ArgumentError, PluginLoadError
from ptv_zoo.errors import UnknownWeightsError


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
    """Every row beside an installed model; a model that does not import is left to ``ptv doctor``."""
    registry = _registry.default
    for entry in registry.entries("model"):
        if entry.deprecated:
            continue
        try:
            builder = registry.load(entry)
        except PluginLoadError:
            continue
        for weights in weights_of(builder):
            yield Row(entry.name, weights)


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
        raise ArgumentError(f"weights={value!r} is no text; give a name, file:PATH or an address such as https://...")
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
