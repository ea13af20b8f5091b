"""The rows of the published tables, found beside the installed models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen
from importlib_metadata import entry_points

from ptv_cards.published_weights import PublishedWeights, weights_of
from ptv_registry import _registry
from ptv_registry._entries import Entry
from ptv_registry.errors import ArgumentError, PluginLoadError
from ptv_zoo.errors import UnknownWeightsError

GROUP: Final = "ptv_zoo.v1.weights"
"""The entry points that lead to the rows of a model."""


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

    A distribution declares the rows of its models in the group ``ptv_zoo.v1.weights``: the name is the model's, the
    value leads to a tuple of :class:`PublishedWeights` in a module that does without torch. What does not import is
    left to ``ptv doctor``.
    """
    declared = {(point.dist.name, point.name): point for point in entry_points(group=GROUP) if point.dist is not None}
    for entry in _registry.default.entries("model"):
        if entry.deprecated:
            continue
        found: Any
        if entry.target is not None:
            found = weights_of(entry.target)
        elif point := declared.get((entry.dist or "", entry.name)):
            try:
                found = Entry("weights", entry.name, point.value, entry.dist, entry.version).load()
            except PluginLoadError:
                continue
        else:
            continue
        for weights in found:
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
