"""The transmuter: modules of a model replaced, in place, by equivalent efficient blocks for a device."""

from __future__ import annotations

import logging
from typing import Any

from torch import nn

import ptv_mobile
from ptv_registry.errors import ArgumentError
from pytorchvideo.accelerator.deployment.mobile_cpu.transmuter import EFFICIENT_BLOCK_TRANSMUTER_REGISTRY

__all__ = ["EFFICIENT_BLOCK_TRANSMUTER_REGISTRY", "transmute_model"]

_log = logging.getLogger(__name__)


def transmute_model(model: nn.Module, target_device: str = "mobile_cpu", prefix: str = "") -> None:
    """Replace the modules of a model, in place, by equivalent efficient blocks for a device.

    The rules of the registry are asked first, then every installed plugin, as :func:`ptv_mobile.transmute_model` does,
    which returns a changed copy. The model itself stays, only what it consists of is replaced; and nothing is unless
    each replacement was found to give the outputs of its module.

    Args:
        model: the model.
        target_device: a key of :data:`EFFICIENT_BLOCK_TRANSMUTER_REGISTRY`.
        prefix: what the log puts before the names of modules.

    Raises:
        ArgumentError: nobody registered the device.
        AmbiguousReplacementError: several plugins answer for one module; a rule in the registry says which to take.
        ParityError: a replacement computes something else.
    """
    if target_device not in EFFICIENT_BLOCK_TRANSMUTER_REGISTRY:
        known = ", ".join(EFFICIENT_BLOCK_TRANSMUTER_REGISTRY)
        msg = f"target_device={target_device!r} is not one of {known}: EFFICIENT_BLOCK_TRANSMUTER_REGISTRY has no rules for it"
        raise ArgumentError(msg, argument="target_device", value=target_device)
    parts = nn.Module()
    for name, child in model._modules.items():
        parts.add_module(name, child)
    rules = EFFICIENT_BLOCK_TRANSMUTER_REGISTRY[target_device]
    changed: Any = ptv_mobile.transmute_model(parts, target_device, rules=rules, in_place=True)
    for name, part in changed._modules.items():
        model._modules[name] = part
    for path, block in changed.conversion_report.converted.items():
        _log.info("Replacing %s.%s with %s", prefix, path, block)
