"""What an object that :func:`build` made remembers: its plan, and what it was made of, to see whether it still is."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from ptv_registry._plan import Plan

_ATTRIBUTE: Final = "__ptv_plan__"

Parts = Mapping[str, str]
"""By the name of a module: its type, and the names and shapes of its own parameters and buffers."""


@frozen(eq=False)
class Built:
    """What is attached to an object.

    Attributes:
        plan: its plan; none if the object came out of a pickle, or no longer matches the plan.
        parts: what it was made of.
        lock: its lock, if it came out of a pickle.
        reason: why it has none.
    """

    plan: Plan | None = None
    parts: Parts = field(factory=dict)
    lock: str = ""
    reason: str = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> Built:
        return self


def remember(obj: Any, built: Built) -> None:
    """Attach it to an object, where that can hold it."""
    # A function or class is shared by all who import it, so it cannot carry the plan of one call.
    if isinstance(obj, type | types.FunctionType | types.BuiltinFunctionType | types.ModuleType):
        return
    try:
        object.__setattr__(obj, _ATTRIBUTE, built)
    except (AttributeError, TypeError):
        return


def remembered(obj: Any) -> Built | None:
    """What is attached to an object."""
    found = getattr(obj, _ATTRIBUTE, None)
    return found if isinstance(found, Built) else None


def parts_of(obj: Any) -> Parts:
    """The parts of a :class:`torch.nn.Module`; empty for anything else. What :func:`torch.compile` wraps is looked into."""
    torch = sys.modules.get("torch")
    obj = getattr(obj, "_orig_mod", obj)
    if torch is None or not isinstance(obj, torch.nn.Module):
        return {}
    return {name: " ".join(_described(module)) for name, module in obj.named_modules()}


def _described(module: Any) -> Iterator[str]:
    yield f"{type(module).__module__}.{type(module).__qualname__}"
    for named in (module.named_parameters, module.named_buffers):
        for name, tensor in named(recurse=False):
            try:
                yield f"{name}{tuple(tensor.shape)}".replace(" ", "")
            except RuntimeError:  # a lazy parameter has no shape yet
                yield f"{name}(?)"


def difference(before: Parts, now: Parts) -> str | None:
    """The first place where two differ, for people; ``None`` if nowhere."""
    for name in [*before, *(name for name in now if name not in before)]:
        one, two = before.get(name), now.get(name)
        if one != two:
            return f"{name or 'the model itself'} was {one or 'not there'}, and is {two or 'not there'}"
    return None
