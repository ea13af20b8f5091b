"""ptv_deploy: the contract of deployment backends, their artifacts, and the backends of torch alone."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_deploy.artifacts.artifact import About, Artifact, is_artifact
    from ptv_deploy.artifacts.loaded_model import LoadedModel
    from ptv_deploy.artifacts.parity import Parity, compare
    from ptv_deploy.artifacts.signature import Signature
    from ptv_deploy.backend import Backend, Support, example_of, load
    from ptv_deploy.backend_choice import default_backend
    from ptv_deploy.errors import (
        ArtifactError,
        ArtifactExistsError,
        InputMismatchError,
        ParityError,
        UnsupportedError,
        UntrustedArtifactError,
    )
    from ptv_deploy.program import Program
    from ptv_deploy.torch_backends.allocator import keep_memory

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

__getattr__, __dir__ = lazy_package(__name__)
