"""``build(..., weights=...)``: from the option to a model that holds the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from ptv_registry import Plan
from ptv_registry.redaction import without_secrets
from ptv_zoo.addresses import LocalFile, fetch
from ptv_zoo.categories import categories_of
from ptv_zoo.errors import TamperedWeightsError
from ptv_zoo.loading import load_weights
from ptv_zoo.tables import address


def load_asked(model: nn.Module, plan: Plan, value: str, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Load what ``weights=value`` means into a model that was just built.

    The model gets the clips that a row is for as ``clip_input``, and the names of its classes, if they are known, as
    ``categories``.

    Args:
        model: the model.
        plan: what it was built from.
        value: the name of a row, or an address.
        before: what a lock records of the weights, which must be the same ones.

    Returns:
        The record for the lock: the address, the sha256, the layout, and the parameters that were left out.

    Raises:
        TamperedWeightsError: the weights are not those of the lock.
    """
    uri, row = address(plan.root.target, plan.root.name, value)
    file = fetch(uri)
    if before and before.get("uri") == without_secrets(uri) and before.get("sha256") != file.sha256:
        raise TamperedWeightsError(
            f"the lock was made with other weights from {uri}: sha256 {before.get('sha256')}, now {file.sha256}; to accept "
            f"them, build with weights={value!r} given anew",
            uri=uri,
            found=file.sha256,
            expected=before.get("sha256"),
        )
    source = uri if row is None else f"{value} ({row.spec}, {uri})"
    record = _loaded(model, file, source)
    if row is not None and row.clip_input is not None:
        model.clip_input = row.clip_input  # type: ignore[assignment]
    names = categories_of(row.dataset) if row is not None and not record["dropped"] else None
    if names is not None:
        model.categories = names  # type: ignore[assignment]
    return {"weights": without_secrets(value), **record}


def load_from(model: nn.Module, uri: str, *, source: str = "", progress: bool | None = None) -> dict[str, Any]:
    """Fetch weights and load them into a model.

    Args:
        model: the model.
        uri: where the weights are.
        source: what messages call them; the address by default.
        progress: whether to show a progress bar; where standard error is a terminal by default.

    Returns:
        The address, the sha256, the layout, and the parameters that were left out.
    """
    return _loaded(model, fetch(uri, progress=progress), source or uri)


def _loaded(model: nn.Module, file: LocalFile, source: str) -> dict[str, Any]:
    loaded = load_weights(model, file.path, source=without_secrets(source))
    return {
        "uri": without_secrets(file.uri),
        "sha256": file.sha256,
        "layout": loaded.layout,
        "dropped": list(loaded.dropped),
        "taken_off": list(loaded.taken_off),
    }
