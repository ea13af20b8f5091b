"""A model with what is known of it, from whatever names one: spec, lock, checkpoint or exported folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import torch
from attrs import evolve, frozen
from torch import nn

import ptv_registry
from ptv_cards.published_weights import PublishedWeights, weights_of
from ptv_cards.scores import scores_of
from ptv_registry import limits
from ptv_registry.errors import ArgumentError, PtvError
from ptv_registry.records import read_json, structured
from ptv_train.bounded import check_size
from ptv_train.checkpoint import load_model
from ptv_train.clip_recipe import ClipRecipe, recipe_for
from ptv_train.errors import CheckpointError, DeviceError, NoInputDescriptionError

ARTIFACT: Final = "artifact.json"
"""The record in the folder of an exported model."""

_WEIGHTS_FILES: Final = (".pyth", ".pth", ".pt", ".pkl", ".safetensors")


@frozen
class ModelSource:
    """A model that is ready to score clips.

    Attributes:
        name: what it was asked for by.
        model: takes a batch of clips, or a list of batches for several pathways; gives (B, classes).
        recipe: how clips become its input.
        categories: names of the classes in order, where they are known.
        weights: ``random`` if the model was never trained, so that its scores mean nothing.
        device: where it runs.
        batch: the only batch size that it takes, or ``None`` for any.
        published: the row of a published table whose weights it has, if it has some.
    """

    name: str
    model: nn.Module | Callable[..., Any]
    recipe: ClipRecipe
    categories: tuple[str, ...] | None
    weights: Literal["trained", "random"]
    device: torch.device
    batch: int | None = None
    published: PublishedWeights | None = None


def load_source(
    text: str,
    *,
    weights: str | None = None,
    seconds: float | None = None,
    transform: str | None = None,
    categories: Sequence[str] | None = None,
    device: str | torch.device = "cpu",
    changes: Mapping[str, Any] | None = None,
    trust: bool = False,
    sha256: str | None = None,
    registry: ptv_registry.Registry | None = None,
) -> ModelSource:
    """The model that a checkpoint (``.ckpt``), an exported model (a folder), a lock (``.json``) or a spec means.

    The last two have random weights unless they name some, as in ``slow_r50(weights=kinetics400)``, or ``weights`` does.

    Args:
        text: path or spec.
        weights: the name of published weights, a file, or an address; for a spec or a lock.
        seconds, transform: instead of what the checkpoint or the model's builder says.
        categories: names of the classes, instead of those that the source knows.
        device: where the model runs: ``auto`` (an accelerator if there is one), ``cpu``, ``cuda``, ``cuda:1``, ...
        changes: attributes of :class:`ptv_cards.clip_input.ClipInput` by name, for a spec or a lock.
        trust: run an exported model even if it is code, or may hold some.
        sha256: what the checksum of the checkpoint or of the exported model's record must be.
        registry: where names are looked up, for instance one with ``trusted_dists``.

    Raises:
        ArgumentError: the lock does not exist, or the source takes no ``weights`` or has no ``sha256``.
        TrustError: an exported model is code, and ``trust`` is false; or a distribution is not trusted.
        CheckpointError: the checkpoint cannot be read.
        ArtifactError: the exported model is damaged.
        DeviceError: this machine does not have the device.
        NoInputDescriptionError: nobody says what clips the model takes.
    """
    path = Path(text)
    where = device_of(device)
    names = None if categories is None else tuple(categories)
    is_artifact = (path / ARTIFACT).is_file()
    if weights is not None and (path.suffix == ".ckpt" or is_artifact):
        raise ArgumentError(f"{text} has weights of its own; leave out {weights!r} (--weights)")
    if changes and (path.suffix == ".ckpt" or is_artifact):
        raise ArgumentError(
            f"{text} takes the clips that it was made for; to feed it others give their length and a transform spec "
            "(--clip-seconds, --transform) instead of --input"
        )
    if sha256 is not None and path.suffix != ".ckpt" and not is_artifact:
        raise ArgumentError(
            f"sha256={sha256} (--sha256) is the checksum of a checkpoint or an exported model, and {text} is none"
        )
    if path.suffix == ".ckpt":
        model, record = load_model(path, sha256=sha256, registry=registry)
        recipe = record.recipe.changed(seconds, transform)
        return ModelSource(text, model.to(where), recipe, names or record.categories, "trained", where)
    if is_artifact:
        return _artifact(
            path,
            seconds,
            transform,
            names,
            where,
            chosen=str(device) == "auto",
            trust=trust,
            sha256=sha256,
            registry=registry,
        )
    if path.is_dir():
        checkpoints = ", ".join(sorted(str(found) for found in path.glob("*.ckpt")))
        way_out = f"give a checkpoint: {checkpoints}" if checkpoints else "it is neither an exported model nor a run"
        raise ArgumentError(f"{text} is a folder; {way_out}")
    if path.suffix in _WEIGHTS_FILES:
        raise ArgumentError(f"{text} is a file of weights; give the model that they are for, and --weights {text}")
    return _spec(text, weights, seconds, transform, names, where, changes, registry)


def _lock(path: Path) -> str:
    """The text of a lock.

    Raises:
        ArgumentError: the file does not exist, or is not text that could be a lock.
    """
    if not path.is_file():
        raise ArgumentError(f"no lock at {path}")
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= limits.RECORD_BYTES else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path} cannot be read as a lock: {error}") from error
    if not text.lstrip().startswith("{"):
        raise ArgumentError(f"{path} is not a lock; `ptv freeze SPEC -o {path.name}` writes one")
    return text


def device_of(device: str | torch.device) -> torch.device:
    """The device that a text means.

    Raises:
        DeviceError: this machine does not have the device.
    """
    text = str(device)
    if text == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    text = "cuda" if text == "gpu" else text
    try:
        found = torch.device(text)
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        cause = str(error).strip().partition("\n")[0]
        raise DeviceError(f"device {device!r} cannot be used here: {cause}; give cpu, or auto", device=text) from error
    return found


def _spec(
    text: str,
    weights: str | None,
    seconds: float | None,
    transform: str | None,
    categories: tuple[str, ...] | None,
    device: torch.device,
    changes: Mapping[str, Any] | None,
    registry: ptv_registry.Registry | None,
) -> ModelSource:
    name = text
    asked: dict[str, Any] = {} if weights is None else {"weights": address_of(weights)}
    if text.endswith(".json"):
        plan = ptv_registry.resolve(_lock(Path(text)), registry=registry, foreign=True, **asked)
        check_size(plan, text)
    else:
        plan = ptv_registry.resolve(text, registry=registry, **asked)
    recipe_for(
        plan, seconds=seconds, transform=transform, changes=changes
    )  # says what is missing before anything is downloaded
    model: nn.Module = ptv_registry.build(plan)
    built = ptv_registry.plan_of(model)
    records = {} if built is None else built.records
    # Whoever loads published weights (build option "weights") leaves what belongs to them on the model.
    declared = getattr(model, "clip_input", None)
    recipe = recipe_for(plan, seconds=seconds, transform=transform, declared=declared, changes=changes)
    recipe = evolve(recipe, scores=scores_of(model))
    known = categories or getattr(model, "categories", None)
    option = plan.options.get("weights")
    dropped = any(isinstance(record, dict) and record.get("dropped") for record in records.values())
    return ModelSource(
        name,
        model.eval().to(device),
        recipe,
        None if known is None else tuple(known),
        "trained" if option and not dropped else "random",
        device,
        published=next((row for row in weights_of(plan.root.target) if row.name == option), None),
    )


def address_of(weights: str) -> str:
    """A path as the address of its file; a name or an address as it is."""
    is_path = not weights.startswith("file:") and "://" not in weights and Path(weights).expanduser().is_file()
    return f"file:{weights}" if is_path else weights


def _artifact(
    path: Path,
    seconds: float | None,
    transform: str | None,
    categories: tuple[str, ...] | None,
    device: torch.device,
    *,
    chosen: bool,
    trust: bool,
    sha256: str | None,
    registry: ptv_registry.Registry | None,
) -> ModelSource:
    """An exported model is run by the backend that it names, whichever distribution provides that."""
    if device.type != "cpu" and not chosen:
        raise ArgumentError(f"{path} was exported for the CPU and cannot run on {device}")
    try:
        maker = read_json(path / ARTIFACT)["backend"]
        spec = ptv_registry.Spec(maker["name"], maker["arguments"], "backend", maker["dist"])
    except (PtvError, KeyError, TypeError, OSError) as error:
        raise CheckpointError(f"{path / ARTIFACT} cannot be read: {error}", path=str(path)) from error
    loaded = ptv_registry.build(spec, kind="backend", registry=registry).load(path, trust=trust, sha256=sha256)
    about = loaded.artifact.about
    recipe = about.recipe or {}
    if not recipe and (seconds is None or transform is None):
        raise NoInputDescriptionError(
            f"{path} does not say what clips it takes; give the length of a clip in seconds (--clip-seconds) and a "
            "transform spec (--transform)"
        )
    try:
        clips = structured(ClipRecipe, recipe, "recipe") if recipe else ClipRecipe(seconds or 0.0, transform or "")
    except PtvError as error:
        raise CheckpointError(f"{path / ARTIFACT} is damaged: {error}", path=str(path)) from error
    return ModelSource(
        str(path),
        loaded,
        clips.changed(seconds, transform) if recipe else clips,
        categories or about.categories,
        "random" if about.weights == "random" else "trained",
        torch.device("cpu"),
        loaded.artifact.signature.batch,
    )
