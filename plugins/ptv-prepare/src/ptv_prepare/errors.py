"""Errors raised while preparing, other than broken videos."""

from __future__ import annotations

from ptv_registry.errors import OutputError, PtvError

__all__ = ["OutputError", "WorkerError"]


class WorkerError(PtvError, RuntimeError):
    """The worker processes do not start."""
