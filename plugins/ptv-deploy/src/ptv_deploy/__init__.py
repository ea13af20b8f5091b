"""ptv_deploy: the contract of deployment backends, their artifacts, and the backends of torch alone."""

from ptv_deploy.allocator import keep_memory
from ptv_deploy.artifact import About, Artifact, is_artifact
from ptv_deploy.backend import Backend, Support, example_of, load
from ptv_deploy.choice import default_backend
from ptv_deploy.errors import (
    ArtifactError,
    ArtifactExistsError,
    InputMismatchError,
    ParityError,
    UnsupportedError,
    UntrustedArtifactError,
)
from ptv_deploy.loaded import LoadedModel
from ptv_deploy.parity import Parity, compare
from ptv_deploy.program import Program
from ptv_deploy.signature import Signature

__all__ = [
    "About",
    "Artifact",
    "ArtifactError",
    "ArtifactExistsError",
    "Backend",
    "InputMismatchError",
    "LoadedModel",
    "Parity",
    "ParityError",
    "Program",
    "Signature",
    "Support",
    "UnsupportedError",
    "UntrustedArtifactError",
    "compare",
    "default_backend",
    "example_of",
    "is_artifact",
    "keep_memory",
    "load",
]
