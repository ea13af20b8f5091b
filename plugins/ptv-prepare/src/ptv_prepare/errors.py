"""What goes wrong with preparing besides broken videos."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class OutputError(PtvError, OSError):
    """What was made cannot be written, so that going on is of no use; names the path and the cause. Fields: ``path``."""


class WorkerError(PtvError, RuntimeError):
    """The worker processes do not start."""
