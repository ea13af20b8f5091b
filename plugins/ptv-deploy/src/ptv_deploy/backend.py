"""``Backend``: the contract of kind ``backend``, and what all backends do alike."""

from __future__ import annotations

import json
import platform
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, get_args

import importlib_metadata
import torch
from attrs import evolve, frozen
from torch import nn

import ptv_registry
from ptv_deploy.artifacts.artifact import About, Artifact, Artifacts, Precision, new_folder
from ptv_deploy.artifacts.loaded_model import LoadedModel, Runner
from ptv_deploy.artifacts.parity import Parity, compare
from ptv_deploy.artifacts.signature import Nested, arguments_of
from ptv_deploy.errors import ArtifactError, ParityError, UnsupportedError, UntrustedArtifactError
from ptv_deploy.program import Batch, Program, on_cpu
from ptv_registry.errors import ArgumentError, UnfreezableError

# Relative to the largest output. What bf16 and int8 lose depends on the model, so it is measured and not judged.
_TOLERANCE: dict[str, float] = {"fp32": 1e-4}


@frozen
class Support:
    """Whether a backend can do a model; ``reason`` says why not, and names the operation."""

    ok: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.ok


class Backend(ABC):
    """Exports models to artifacts and runs them.

    A new backend gives ``name`` and ``precisions``, and says how to :meth:`write` a program into a folder and how to
    :meth:`open` that folder again. All else is the same for every backend: the record, the checksums, the comparison.
    """

    name: ClassVar[str]
    """The name of its entry point."""
    artifacts: ClassVar[Artifacts] = "code"
    """``data`` if loading and running an artifact can do nothing but calculate, whoever made it; else ``code``, which is
    loaded only when asked (``trust=True``, ``--trust``)."""
    precisions: ClassVar[tuple[Precision, ...]] = ("fp32",)
    device: torch.device = torch.device("cpu")
    """Where its models run; inputs may be anywhere."""
    requires: ClassVar[tuple[str, ...]] = ("torch",)
    """Distributions whose versions the artifact records."""
    batch: Batch = "free"
    """The batch size that a program is made for; larger batches are split where it is not free."""

    # What a backend says of itself

    def missing(self, precision: Precision) -> str:
        """What this machine lacks to export in a precision, with the way out; empty if nothing."""
        return ""

    def cannot_run(self) -> str:
        """Why this machine can write artifacts but not run them; empty if it can.

        What cannot be run is written without a comparison, and the record says so.
        """
        return ""

    def obstacle(self, program: Program, precision: Precision) -> str:
        """What the backend cannot do in a program, found without running it; empty if nothing."""
        return ""

    @abstractmethod
    def write(
        self, program: Program, folder: Path, precision: Precision, calibration: Sequence[tuple[Any, ...]]
    ) -> Mapping[str, Any]:
        """Write the files of an artifact; what is returned (JSON data) is recorded as its settings."""

    @abstractmethod
    def open(self, artifact: Artifact) -> Runner:
        """Make the files of an artifact run."""

    # The contract

    def describe(self) -> dict[str, Any]:
        """Name, precisions, whether its artifacts are data or code, versions of what it is made of, what is missing here by
        precision, why it cannot run."""
        return {
            "name": self.name,
            "summary": (type(self).__doc__ or "").partition("\n")[0],
            "precisions": list(self.precisions),
            "artifacts": self.artifacts,
            "versions": self._versions(),
            "missing": {p: reason for p in self.precisions if (reason := self.missing(p))},
            "cannot_run": self.cannot_run(),
        }

    def supports(
        self, plan_or_model: Any, *, precision: Precision = "fp32", example_inputs: Nested | None = None
    ) -> Support:
        """Whether the backend can export a model; takes seconds, and runs the model at most once.

        Args:
            plan_or_model: a module, or what :func:`ptv_registry.resolve` takes; of the latter no weights are made.
            precision: of the artifact.
            example_inputs: see :meth:`export`; by default those that the builder of a plan describes.
        """
        reason = self._refusal(precision)
        if reason:
            return Support(False, reason)
        plan = None
        if not isinstance(plan_or_model, nn.Module):
            plan = ptv_registry.resolve(plan_or_model)
        if example_inputs is None:
            clip_input = getattr(plan.root.target, "clip_input", None) if plan else None
            if clip_input is None:
                raise ArgumentError("nothing says what inputs this model takes; give example_inputs")
            example_inputs = example_of(clip_input)
        model = _unfilled(plan) if plan else plan_or_model
        return self._support(Program(model, example_inputs, batch=self.batch), precision)

    def export(
        self,
        model: nn.Module,
        example_inputs: Nested,
        path: str | Path,
        precision: Precision = "fp32",
        calibration: Sequence[Nested] | None = None,
        *,
        about: About | None = None,
        compare_on: Sequence[Nested] = (),
        labels: Sequence[int] | None = None,
        tolerance: float | None = None,
        overwrite: bool = False,
    ) -> Artifact:
        """Write the artifact of a model, and compare its outputs with the model's.

        Args:
            model: stays as it is.
            example_inputs: a tensor or a list of pathways (the one argument), or a tuple of several arguments. The
                first dimension is the batch, which stays free; the other sizes are those of the artifact.
            path: a folder that does not exist; it appears when all is done, or not at all.
            precision: ``fp32``, ``bf16`` or ``int8``.
            calibration: inputs that int8 finds its ranges on, each like ``example_inputs``.
            about: categories, recipe, and whether the weights were trained.
            compare_on: further inputs to compare on, besides the example.
            labels: the class of each calibration clip; a backend may then mind the accuracy besides the agreement.
            tolerance: the largest difference allowed, relative to the largest output; 1e-4 for fp32, any for others.
            overwrite: whether to replace an artifact at ``path``.

        Raises:
            UnsupportedError: the backend cannot do it; the message names the operation.
            ParityError: the outputs differ by more than the tolerance; nothing is written.
            ArtifactExistsError: there is something at the path.
        """
        if reason := self._refusal(precision):
            raise UnsupportedError(reason, backend=self.name)
        if precision == "int8" and not calibration:
            raise ArgumentError("int8 needs calibration clips: calibration=[inputs, ...], or --calibrate DATASET_SPEC")
        if labels is not None and len(labels) != len(calibration or ()):
            raise ArgumentError(f"there are {len(labels)} labels for {len(calibration or ())} calibration clips")
        about = about or About()
        with new_folder(Path(path), overwrite=overwrite) as folder:
            judged = about.weights != "random"
            program = Program(model, example_inputs, batch=self.batch, labels=labels, judged=judged)
            if not (support := self._support(program, precision)):
                raise UnsupportedError(support.reason, backend=self.name)
            settings = self.write(
                program, folder, precision, [on_cpu(arguments_of(item)) for item in calibration or ()]
            )
            draft = Artifact(
                folder,
                self._identity(),
                precision,
                _lock_of(model),
                program.signature,
                about,
                {**self._versions(), "python": platform.python_version(), "machine": platform.machine()},
                settings,
                None,
                {},
                trusted=True,
            ).with_files()
            if reason := self.cannot_run():
                evolve(draft, settings={**settings, "not_compared": reason}).write()
            else:
                examples = [on_cpu(arguments_of(item)) for item in (example_inputs, *compare_on)]
                loaded = LoadedModel(draft, self.open(draft), self.device)
                parity = compare([program.run(args) for args in examples], [loaded(*args) for args in examples])
                self._judge(parity, _TOLERANCE.get(precision) if tolerance is None else tolerance)
                evolve(draft, parity=parity).write()
        return Artifact.read(path)

    def load(self, path: str | Path, *, trust: bool = False, sha256: str | None = None) -> LoadedModel:
        """The model of an artifact; in a fresh process this imports the backend but not the model's plugin.

        Args:
            path: the folder.
            trust: run it even if it is code, or may hold some: whoever made it may do on this machine what you may do.
            sha256: what :attr:`Artifact.sha256` must be, where you know it from whoever made it.

        Raises:
            ArtifactError: the artifact is damaged, or of another backend, or not the one with this checksum.
            UntrustedArtifactError: it is code, and ``trust`` is false.
            UnsupportedError: this machine cannot run what the backend writes; the message says why.
        """
        artifact = evolve(Artifact.read(path, sha256=sha256), trusted=trust)
        if artifact.backend["name"] != self.name:
            msg = f"{path} is an artifact of backend {artifact.backend['name']}, not of {self.name}"
            raise ArtifactError(msg, path=str(path), file="artifact.json")
        if reason := self.cannot_run():
            raise UnsupportedError(reason, backend=self.name)
        if self.artifacts == "code" and not trust:
            raise UntrustedArtifactError(
                f"{path} is code: an artifact of {self.name} can do on this machine whatever you can do. If you trust whoever "
                "made it, say so with --trust (trust=True)",
                path=str(path),
                file="",
            )
        try:
            return LoadedModel(artifact, self.open(artifact), self.device)
        except Exception as error:  # a backend's library may raise anything at a file that it does not like
            if isinstance(error, ptv_registry.PtvError):
                raise
            made_with, here = dict(artifact.versions), self._versions()
            changed = [f"{k} {made_with.get(k)} -> {v}" for k, v in here.items() if made_with.get(k) != v]
            hint = f" (made with other versions: {', '.join(changed)}; export it again)" if changed else ""
            cause = str(error) or type(error).__name__
            msg = f"{self.name} cannot open {path}: {cause}{hint}"
            raise ArtifactError(msg, path=str(path), file="") from error

    # How

    def _refusal(self, precision: str) -> str:
        if precision not in get_args(Precision):
            raise ArgumentError(f"precision={precision!r} is not one of {', '.join(get_args(Precision))}")
        if precision not in self.precisions:
            return f"{self.name} does not do {precision}; it does {', '.join(self.precisions)}"
        return self.missing(precision)

    def _support(self, program: Program, precision: Precision) -> Support:
        try:
            reason = self.obstacle(program, precision)
        except UnsupportedError as error:
            reason = str(error)
        return Support(not reason, reason)

    def _judge(self, parity: Parity, tolerance: float | None) -> None:
        if tolerance is not None and not parity.max_rel_diff <= tolerance:
            msg = (
                f"what {self.name} gives differs from the model by {parity.max_rel_diff:.2g} of the largest output "
                f"(allowed: {tolerance:g}; top-1 agreement {parity.top1_agreement:.0%} of {parity.clips} clips); "
                "nothing was written. tolerance= (--tolerance) allows more"
            )
            raise ParityError(msg, max_rel_diff=parity.max_rel_diff, top1_agreement=parity.top1_agreement)

    def _identity(self) -> dict[str, Any]:
        entry = ptv_registry.Registry().entry_of("backend", type(self))
        plan = ptv_registry.plan_of(self)
        arguments = given_arguments(plan) if plan else {}
        return {
            "name": self.name,
            "dist": entry.dist if entry else None,
            "arguments": json.loads(json.dumps(arguments, default=str)),
        }

    def _versions(self) -> dict[str, str]:
        return {dist: _version(dist) for dist in self.requires}


def load(
    path: str | Path,
    *,
    trust: bool = False,
    sha256: str | None = None,
    registry: ptv_registry.Registry | None = None,
) -> LoadedModel:
    """The model of an artifact, by the backend that made it.

    Args:
        path: the folder.
        trust, sha256: see :meth:`Backend.load`.
        registry: where the backend is looked up, for instance one with ``trusted_dists``.

    Raises:
        ArtifactError: the folder is not an artifact, or is damaged.
        UntrustedArtifactError: it is code, and ``trust`` is false.
        UnknownNameError: the backend is not installed; the message says what to install.
    """
    # The checksum first: what stands in the record chooses the backend.
    identity = Artifact.read(path, verify=False, sha256=sha256).backend
    try:
        spec = ptv_registry.Spec(identity["name"], identity["arguments"], "backend", identity["dist"])
        backend = ptv_registry.build(spec, registry=registry)
    except ArgumentError as error:
        raise ArtifactError(
            f"{path} cannot be run by the backend that it names: {error}", path=str(path), file="artifact.json"
        ) from error
    loaded: LoadedModel = backend.load(path, trust=trust, sha256=sha256)
    return loaded


def example_of(clip_input: Any, batch: int = 1) -> Nested:
    """Zeros of the shape that a model was designed for; ``clip_input`` is the mark of the model's builder."""
    frames, side = clip_input.num_frames, clip_input.crop
    clip = torch.zeros(batch, 3, frames, side, side)
    return [clip[:, :, :: clip_input.alpha].contiguous(), clip] if clip_input.alpha else clip


def given_arguments(plan: ptv_registry.Plan) -> dict[str, Any]:
    """The arguments that a spec or a call gave, without those that stayed at their defaults."""
    return {**(plan.spec.args if plan.spec else {}), **plan.arguments}


def _unfilled(plan: ptv_registry.Plan) -> nn.Module:
    """The model with memory that nothing was written to, as conversion looks at the graph and not at numbers."""
    with torch.device("meta"):
        model: nn.Module = ptv_registry.build(plan)
    return model.to_empty(device="cpu")


def _lock_of(model: nn.Module) -> dict[str, Any] | None:
    try:
        lock: dict[str, Any] = json.loads(ptv_registry.freeze(model))
    except UnfreezableError:
        return None
    return lock


def _version(dist: str) -> str:
    try:
        return importlib_metadata.version(dist)
    except importlib_metadata.PackageNotFoundError:
        return "none"
