"""Errors raised when models are trained and used."""

from __future__ import annotations

from ptv_registry.errors import PtvError


class CheckpointError(PtvError, ValueError):
    """The file is not a checkpoint that holds a model, or does not fit the model. Fields: ``path``."""


class RunExistsError(PtvError, FileExistsError):
    """The folder already holds a run. Fields: ``path``."""


class NoInputDescriptionError(PtvError, ValueError):
    """Nothing says what clips a model takes."""


class DeviceError(PtvError, RuntimeError):
    """This machine does not have the device, or it cannot be used. Fields: ``device``."""


class UnknownClassError(PtvError, LookupError):
    """A dataset has a class that the model does not know. Fields: ``classes``."""


class MissingViewError(PtvError, LookupError):
    """A video lacks views, so that its scores cannot be averaged as the others' are. Fields: ``path``."""


class ReportError(PtvError, OSError):
    """A report cannot be written. Fields: ``path``."""
