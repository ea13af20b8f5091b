"""What a network is made of, as data: two networks that differ in any layer or setting have different fingerprints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn


def fingerprint(model: nn.Module) -> list[tuple[str, str, dict[str, str]]]:
    """Name, type and public settings of every module, and shape of every parameter."""
    modules = [
        (name, type(module).__qualname__, {k: repr(v) for k, v in vars(module).items() if not k.startswith("_")})
        for name, module in model.named_modules()
    ]
    return [*modules, *((name, str(tuple(p.shape)), {}) for name, p in model.named_parameters())]


def assert_every_argument_has_an_effect(
    builder: Callable[..., nn.Module],
    base: Mapping[str, Any],
    others: Mapping[str, Any],
    together: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Each parameter of ``builder`` has another value in ``others``, and with it the network differs.

    ``together`` holds, by parameter, what must be set as well for it to mean anything (in both networks).
    """
    parameters = inspect.signature(builder).parameters
    usual = _fingerprint_on_meta(builder, base)

    assert usual == _fingerprint_on_meta(builder, base)
    assert set(parameters) == set(others)
    for name, value in others.items():
        arguments = {**base, **(together or {}).get(name, {})}
        before = usual if arguments == base else _fingerprint_on_meta(builder, arguments)
        assert before != _fingerprint_on_meta(builder, {**arguments, name: value}), f"{name}={value!r} has no effect"


def _fingerprint_on_meta(
    builder: Callable[..., nn.Module], arguments: Mapping[str, Any]
) -> list[tuple[str, str, dict[str, str]]]:
    with torch.device("meta"):
        return fingerprint(builder(**arguments))
