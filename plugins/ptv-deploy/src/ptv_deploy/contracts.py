"""The contract of backends; see :mod:`ptv_registry.contracts`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from ptv_registry.contracts import Check, Contract, Sample, Scaffold, Trial

if TYPE_CHECKING:
    from ptv_deploy import Artifact, LoadedModel, Support


class BackendProduct(Protocol):
    """Exports models and runs what it exported; :class:`ptv_deploy.Backend` derives all of it from ``write`` and ``open``."""

    def describe(self) -> dict[str, Any]:
        """Name, precisions, whether its artifacts are data or code, versions, what is missing on this machine."""

    def supports(self, plan_or_model: Any, *, precision: str = ...) -> Support:
        """Whether it can export a model, and if not, why."""

    def export(self, model: Any, example_inputs: Any, path: str | Path, precision: str = ...) -> Artifact:
        """Writes an artifact and compares what it gives with what the model gives."""

    def load(self, path: str | Path, *, trust: bool = ...) -> LoadedModel:
        """Makes an artifact run."""


class BackendMaker(Protocol):
    """Makes a backend."""

    def __call__(self) -> BackendProduct:
        """A backend."""


def _is_backend(trial: Trial) -> str | None:
    from ptv_deploy import Backend

    if not isinstance(trial.component, Backend):
        return f"it makes a {type(trial.component).__name__}; derive from ptv_deploy.Backend, which does all but write and open"
    return None


def _has_its_name(trial: Trial) -> str | None:
    if _is_backend(trial) is None and not isinstance(getattr(trial.component, "name", None), str):
        return "it has no name; set the attribute name of the class to the name of the entry point, under which artifacts find it again"
    return None


BACKEND: Final = Contract(
    kind="backend",
    words=(
        "Made by the spec, without arguments from `ptv export`, `predict` and `bench`. Makes a `ptv_deploy.Backend`: it says what it lacks on this "
        "machine, writes a program (the graph of a model) into a folder in a precision, and runs that folder again, for any size of batch, "
        "without the model. Outputs are compared with the model's when an artifact is written; artifacts are data, or code that is loaded "
        "when asked only."
    ),
    protocol=BackendMaker,
    product=BackendProduct,
    samples=(Sample("ptv export", use=None),),
    checks=(Check("is_a_backend", _is_backend), Check("has_a_name", _has_its_name)),
    tests="ptv_deploy.testing",
    scaffold=Scaffold(
        "ptv_deploy.scaffolds.backend",
        "MineBackend",
        requires=("ptv-deploy", "torch"),
        testing=("ptv-deploy[testing]",),
    ),
)
