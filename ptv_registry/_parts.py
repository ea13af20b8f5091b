"""What a model is made of, as text that can be compared: whether it still is what its plan built."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

Parts = Mapping[str, str]
"""By the name of a module: its type, and the names and shapes of its own parameters and buffers."""


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
