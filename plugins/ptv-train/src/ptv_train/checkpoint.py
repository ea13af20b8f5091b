"""Checkpoints: weights with what is needed to build the model and to feed it, readable with ``weights_only=True``."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch
from attrs import asdict, field, frozen
from torch import nn

import ptv_registry
from ptv_registry.archives import check_archive
from ptv_registry.errors import OutputError, PtvError
from ptv_registry.files import appearing
from ptv_registry.records import RecordError, checked, shown, structured
from ptv_train.bounded import shapes_of
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.errors import CheckpointError

_KEY = "ptv"
_PREFIX = "model."
_MARK = b"\nptv-sha256:"
BEST = "best.ckpt"


@frozen
class ModelRecord:
    """What a checkpoint says about its model.

    Attributes:
        lock: the model's lock.
        categories: names of the classes in order.
        recipe: how clips become its input.
    """

    lock: str = field(validator=checked(lambda v: isinstance(v, str), "the text of a lock"))
    categories: tuple[str, ...] = field(
        converter=lambda v: tuple(v) if isinstance(v, list) else v,
        validator=checked(
            lambda v: isinstance(v, tuple) and all(isinstance(item, str) for item in v), "a list of names"
        ),
    )
    recipe: ClipRecipe

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for the checkpoint."""
        return {"lock": self.lock, "categories": list(self.categories), "recipe": asdict(self.recipe)}

    @classmethod
    def from_dict(cls, data: Any) -> ModelRecord:
        """Inverse of :meth:`to_dict`.

        Raises:
            RecordError: the data is not one of a record.
        """
        if not isinstance(data, dict):
            raise RecordError(f"it must be an object, and is {shown(data)}")
        recipe = structured(ClipRecipe, data.get("recipe"), "recipe")
        return structured(cls, {k: v for k, v in data.items() if k != "recipe"}, "it", recipe=recipe)


def save_checkpoint(data: dict[str, Any], path: Path) -> None:
    """Write a checkpoint with its checksum beside ``path`` and rename it; what ``path`` was is kept as ``*.previous.*``.

    Raises:
        OutputError: it cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(data, buffer)
    content = buffer.getbuffer()
    with appearing(path) as temporary:
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.write(_MARK + hashlib.sha256(content).hexdigest().encode())
            if path.name != BEST and path.is_file():
                _keep(path, previous_of(path))
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}", path=str(path)) from error


def previous_of(path: Path) -> Path:
    """Where the checkpoint before this one is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def _keep(path: Path, previous: Path) -> None:
    """Give a file a second name, or copy it where hard links are not supported."""
    link = previous.with_name(f".{previous.name}.link")
    link.unlink(missing_ok=True)
    try:
        os.link(path, link)
    except OSError:
        os.replace(path, previous)
    else:
        os.replace(link, previous)


def load_checkpoint(path: str | Path, *, sha256: str | None = None) -> dict[str, Any]:
    """What is in a checkpoint, on the CPU, after a look at its checksum.

    Args:
        path: the file.
        sha256: what the checksum of the whole file must be, for those who know it.

    Raises:
        CheckpointError: the file is missing, damaged or holds code, or its checksum is another.
    """
    path = Path(path)
    try:
        _check(path, sha256)
        check_archive(path)
        data: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"no checkpoint at {path}", path=str(path)) from None
    except CheckpointError as error:
        raise CheckpointError(str(error) + way_out(path), path=str(path)) from None
    except Exception as error:  # a damaged pickle can end in nearly any error
        cause = str(error).strip().partition("\n")[0] or type(error).__name__
        raise CheckpointError(
            f"{path} is not a checkpoint that can be read safely: {cause}{way_out(path)}", path=str(path)
        ) from error
    return data


def _check(path: Path, sha256: str | None) -> None:
    """A file of :func:`save_checkpoint` ends in its checksum; one of ``torch.save`` in the end of a zip archive."""
    if sha256 is not None:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise CheckpointError(f"{path} has the checksum {found}, and sha256={sha256} was asked for", path=str(path))
    size = path.stat().st_size
    length = size - len(_MARK) - 64
    with open(path, "rb") as file:
        file.seek(max(0, size - 22))
        if file.read(4) == b"PK\x05\x06" or length < 0:
            return
        file.seek(length)
        mark, expected = file.read(len(_MARK)), file.read()
        file.seek(0)
        digest = hashlib.sha256()
        while length:
            part = file.read(min(length, 1 << 20))
            digest.update(part)
            length -= len(part)
    if mark != _MARK or digest.hexdigest().encode() != expected:
        raise CheckpointError(f"{path} is damaged: its checksum does not fit", path=str(path))


def way_out(path: Path) -> str:
    """Words about the checkpoint before this one, if there is one."""
    previous = previous_of(path)
    if not previous.is_file():
        return ""
    return f"; the checkpoint before it is {previous}: rename it to {path.name} to go on from there"


def read_checkpoint(path: str | Path, *, sha256: str | None = None) -> tuple[ModelRecord, dict[str, torch.Tensor]]:
    """The record and the model's weights in a checkpoint that ``ptv train`` wrote.

    Raises:
        CheckpointError: the file is missing, damaged, holds code, or was written by something else.
    """
    data = load_checkpoint(path, sha256=sha256)
    if not isinstance(data, dict) or _KEY not in data or "state_dict" not in data:
        raise CheckpointError(f"{path} was not written by `ptv train`: it has no entry {_KEY!r}", path=str(path))
    try:
        record = ModelRecord.from_dict(data[_KEY])
    except PtvError as error:
        raise CheckpointError(f"{path}: its entry {_KEY!r} is damaged: {error}", path=str(path)) from error
    state = data["state_dict"]
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise CheckpointError(f"{path}: its state_dict is not a dict of tensors", path=str(path))
    weights = {name.removeprefix(_PREFIX): tensor for name, tensor in state.items() if name.startswith(_PREFIX)}
    return record, weights


def load_model(
    path: str | Path, *, sha256: str | None = None, registry: ptv_registry.Registry | None = None
) -> tuple[nn.Module, ModelRecord]:
    """The trained model of a checkpoint, in eval mode.

    Args:
        path: the file.
        sha256: what the checksum of the whole file must be, for those who know it.
        registry: where the names of its lock are looked up, for instance one with ``trusted_dists``.

    Raises:
        CheckpointError: the checkpoint cannot be read, or its weights do not fit its model.
    """
    record, weights = read_checkpoint(path, sha256=sha256)
    # The lock may name the weights that the training started from; those of the checkpoint replace them.
    plan = ptv_registry.resolve(record.lock, registry=registry, foreign=True)
    without: dict[str, Any] = dict.fromkeys(plan.options)
    _check_shapes(plan, weights, str(path))
    model: nn.Module = ptv_registry.build(plan, **without)
    try:
        model.load_state_dict(weights)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: the weights do not fit the model of its lock: {error}", path=str(path)
        ) from error
    return model.eval(), record


def _check_shapes(plan: ptv_registry.Plan, weights: dict[str, torch.Tensor], path: str) -> None:
    """The model of the lock has to be as large as the weights, before memory is taken for it."""
    shapes = shapes_of(plan, path)
    for name, shape in (shapes or {}).items():
        found = weights.get(name)
        if found is None or tuple(found.shape) != shape:
            there = "missing" if found is None else "x".join(map(str, found.shape))
            raise CheckpointError(
                f"{path}: the weights do not fit the model of its lock: {name} is {there}, and the model's is "
                f"{'x'.join(map(str, shape))}",
                path=path,
            )
