"""Errors raised when models are deployed."""

from __future__ import annotations

from ptv_registry.errors import PtvError, TrustError


class UnsupportedError(PtvError, NotImplementedError):
    """A backend cannot do this model or precision; the message names the operation. Fields: ``backend``."""


class ArtifactError(PtvError, OSError):
    """The folder is not an artifact, or a file of it is damaged or missing. Fields: ``path``, ``file``."""


class UntrustedArtifactError(ArtifactError, TrustError):
    """The artifact is code, or may run some, and has not been declared trusted. Fields: ``path``, ``file``."""


class ArtifactExistsError(PtvError, FileExistsError):
    """Something already exists at the path. Fields: ``path``."""


class ParityError(PtvError, ArithmeticError):
    """The exported model's outputs differ from the model's. Fields: ``max_rel_diff``, ``top1_agreement``."""


class InputMismatchError(PtvError, ValueError):
    """The inputs are not those that the artifact was exported for."""
