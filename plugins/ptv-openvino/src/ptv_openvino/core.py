"""The process's one ``openvino.Core``, and the signal stack that several of them would leave dangling."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Final, Literal

import openvino as ov

Rest = Literal["auto", "fp32", "bf16"]
"""What the part of a model that is not quantised is calculated in."""


@cache
def _core() -> ov.Core:
    return ov.Core()


_FIRST: Final = Lock()


def core() -> ov.Core:
    """The same one for every model and thread.

    On Linux each that uses the CPU puts a signal stack of its own in place of the thread's, and the former one back when
    it ends. If that one's own ``Core`` has ended meanwhile, the thread's next signal (SIGCHLD of a child process, say)
    ends the process: a stack that is gone cannot be written to.
    """
    with _FIRST:
        return _core()


def has_bf16() -> bool:
    """Whether this processor calculates in bf16."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def calculating_in(precision: str) -> dict[str, str]:
    """The setting for what is not quantised: ``bf16`` where the processor has it, else fp32."""
    return {"INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" and has_bf16() else "f32"}


class _Stack(ctypes.Structure):
    _fields_ = (("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextlib.contextmanager
def same_signal_stack() -> Iterator[None]:
    """Give the thread its signal stack back after code that makes a ``Core`` for itself, as NNCF does for each model."""
    if sys.platform != "linux":
        yield
        return
    libc, before = ctypes.CDLL(None), _Stack()
    libc.sigaltstack(None, ctypes.byref(before))
    try:
        yield
    finally:
        gc.collect()  # those that end later find another stack in place than their own, and leave it there
        libc.sigaltstack(ctypes.byref(before), None)
