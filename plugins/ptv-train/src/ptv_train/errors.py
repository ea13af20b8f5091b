"""What goes wrong when models are trained and used."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class CheckpointError(PtvError, ValueError):
    """The file is no checkpoint that holds a model, or does not fit the model. Fields: ``path``."""


class RunExistsError(PtvError, FileExistsError):
    """The folder holds a run already. Fields: ``path``."""


class NoInputDescriptionError(PtvError, ValueError):
    """Nobody says what clips a model takes."""


class OutputError(PtvError, OSError):
    """What was asked for cannot be written. Fields: ``path``."""
