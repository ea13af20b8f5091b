"""Where the backends of PyTorch run."""

from __future__ import annotations

import torch

from ptv_registry.errors import ArgumentError


def device_of(name: str) -> torch.device:
    """The device of a name, whether or not it is here.

    Raises:
        ArgumentError: PyTorch knows no such device.
    """
    try:
        return torch.device(name)
    except RuntimeError:
        raise ArgumentError(
            f"device={name!r} is not a PyTorch device; use cpu, cuda, cuda:1, mps or another accelerator"
        ) from None


def best_device() -> str:
    """The type of this machine's accelerator, or else ``cpu``."""
    found = torch.accelerator.current_accelerator(check_available=True)
    return found.type if found else "cpu"


def absent(device: torch.device) -> str:
    """Why a device cannot be used here, with the way out; empty if it can."""
    if device.type == "cpu":
        return ""
    here = best_device()
    if here != device.type:
        has = "no accelerator" if here == "cpu" else here
        return f"PyTorch finds no {device.type} on this machine (it has {has}); device=cpu runs on the processor"
    count = torch.accelerator.device_count()
    if device.index is not None and device.index >= count:
        return f"this machine has {count} of {here}, counted from 0, so there is no {device}"
    return ""
