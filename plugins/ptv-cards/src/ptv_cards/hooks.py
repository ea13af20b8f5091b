"""What ptv-cards answers when a model is built or described. Hooks are loaded where nobody needs torch yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ptv_registry import hookimpl

if TYPE_CHECKING:
    from ptv_registry import Plan

_COUNTS: Final = frozenset({"classes", "channels", "frames", "pixels"})


@hookimpl
def ptv_check_plan(plan: Plan) -> list[str]:
    """Reject counts of classes, channels, frames and pixels below 1; parameters declare what they are by their role."""
    return [
        f"{node.path}.{name}={argument.value}".lstrip(".") + f" must be at least 1, as a number of {role}"
        for node in plan.walk()
        for name, argument in node.arguments.items()
        if (parameter := node.signature.parameters.get(name)) is not None
        and (role := parameter.role) in _COUNTS
        and any(count < 1 for count in _integers(argument.value))
    ]


def _integers(value: Any) -> Iterator[int]:
    for item in value if isinstance(value, list | tuple) else (value,):
        if isinstance(item, int):
            yield item


@hookimpl
def ptv_after_build(obj: Any, plan: Any) -> dict[str, int] | None:
    """Record in the lock of a model how many parameters it had, so that a rebuilt one can be compared."""
    if plan.kind != "model" or not callable(getattr(obj, "parameters", None)):
        return None
    return {"parameters": sum(parameter.numel() for parameter in obj.parameters())}


@hookimpl
def ptv_describe(plan: Plan, topic: str, inputs: list[tuple[int, ...]]) -> dict[str, Any] | None:
    """Count a model's parameters and operations by module, on the meta device."""
    if topic != "flops" or plan.kind != "model":
        return None
    import torch
    from attrs import asdict

    import ptv_registry
    from ptv_cards.inspection import count, head_name, inputs_for, table
    from ptv_registry.errors import ArgumentError

    # Built without the options of the plan: weights have no part in the counts.
    without: dict[str, Any] = dict.fromkeys(plan.options)
    with torch.device("meta"):
        model = ptv_registry.build(plan, **without)
    clip_input = getattr(plan.root.target, "clip_input", None)
    if inputs:
        arguments: tuple[Any, ...] = tuple(torch.zeros(shape, device="meta") for shape in inputs)
        if clip_input is not None and clip_input.alpha:
            arguments = (list(arguments[:2]), *arguments[2:])
    elif clip_input is not None:
        arguments = inputs_for(clip_input, detection=head_name(model) == "detection_head")
    else:
        raise ArgumentError(
            f"{plan.root.name} does not say what clips it takes; give the shapes, as in --input 1x3x8x256x256"
        )
    counts = count(model, *arguments)
    rows = [{**asdict(row), "flops": row.flops} for row in counts]
    return {"title": "flops", "lines": table(counts), "data": rows}
