"""Models out of other people's locks: how large they are is known before memory is taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch import nn
from torch.nn.modules.module import register_module_module_registration_hook

import ptv_registry
from ptv_registry import limits
from ptv_registry.errors import LockError, PtvError

_MODULES: Final = 100_000


def shapes_of(plan: ptv_registry.Plan, what: str) -> Mapping[str, tuple[int, ...]] | None:
    """Names and shapes of a model's state dict, found without memory for it; ``None`` if it can only be built for real.

    Raises:
        LockError: the model has far more parts than any; ``what`` is the file that it stands in.
        PtvError: the plan cannot be built.
    """
    try:
        with torch.device("meta"), _few_modules(what):
            without: dict[str, Any] = dict.fromkeys(plan.options)
            model = ptv_registry.build(plan, **without)
    except PtvError as error:
        if error.fields.get("error") in ("NotImplementedError", "RuntimeError"):
            return None  # its code wants numbers, and there are none
        raise
    if not isinstance(model, nn.Module):
        raise LockError(f"{what}: its lock builds a {type(model).__name__}, which is not a module")
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def check_size(plan: ptv_registry.Plan, what: str) -> None:
    """Refuse a lock whose model is larger than :data:`ptv_registry.limits.MODEL_BYTES`.

    Raises:
        LockError: it is; ``what`` is the file.
    """
    shapes = shapes_of(plan, what)
    size = 4 * sum(torch.Size(shape).numel() for shape in (shapes or {}).values())
    if size > limits.MODEL_BYTES:
        raise LockError(
            f"{what}: its model would take {size / 1e9:.1f} GB, and {limits.MODEL_BYTES / 1e9:.1f} GB are allowed; "
            "ptv_registry.limits.MODEL_BYTES allows more"
        )


@contextmanager
def _few_modules(what: str) -> Iterator[None]:
    count, thread = 0, threading.get_ident()

    def counted(module: nn.Module, name: str, child: Any) -> None:
        nonlocal count
        count += threading.get_ident() == thread
        if count > _MODULES:
            raise LockError(f"{what}: its model has more than {_MODULES} parts")

    handle = register_module_module_registration_hook(counted)
    try:
        yield
    finally:
        handle.remove()
