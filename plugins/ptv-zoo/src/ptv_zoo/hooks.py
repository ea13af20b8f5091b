"""What ptv-zoo answers for: the build option ``weights``, and the commands below ``ptv zoo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ptv_registry import hookimpl

if TYPE_CHECKING:
    from ptv_registry import Plan, Spec

RECORD = "ptv-zoo:zoo"
"""Where the kernel keeps what :func:`ptv_after_build` returns."""


@hookimpl
def ptv_build_options(spec: Spec) -> list[str]:
    """``weights``, for models."""
    return ["weights"] if spec.kind == "model" else []


@hookimpl
def ptv_check_plan(plan: Plan) -> list[str]:
    """Object to weights that the model does not have, before it is built."""
    value = plan.options.get("weights")
    if plan.kind != "model" or value is None:
        return []
    from ptv_registry.errors import PtvError
    from ptv_zoo.tables import address

    try:
        uri, row = address(plan.root.target, plan.root.name, value)
    except PtvError as error:
        return [str(error)]
    known = plan.records.get(RECORD)
    is_known = isinstance(known, dict) and known.get("uri") == uri and bool(known.get("sha256"))
    if row is None and "weights" in plan.locked_options and not (is_known and uri.startswith("file:")):
        return [
            f"the lock names weights at {value}; whoever made it chose that address, so they are neither fetched nor read "
            f"unasked: give them yourself, weights={value!r} (--weights)"
        ]
    return []


@hookimpl
def ptv_after_build(obj: Any, plan: Plan) -> dict[str, Any] | None:
    """Load the weights that were asked for, and record which they are."""
    value = plan.options.get("weights")
    if plan.kind != "model" or value is None:
        return None
    from ptv_zoo.pretrained import load_asked

    before = plan.records.get(RECORD)
    return load_asked(obj, plan, value, before if isinstance(before, dict) else None)


@hookimpl
def ptv_load_weights(model: Any, uri: str, source: str, progress: bool | None) -> dict[str, Any]:
    """Fetch weights and load them into a model."""
    from ptv_zoo.pretrained import load_from

    return load_from(model, uri, source=source, progress=progress)


@hookimpl
def ptv_add_commands(group: Any) -> None:
    """Add ``ptv zoo``."""
    from ptv_zoo.commands import zoo

    group.add_command(zoo)
