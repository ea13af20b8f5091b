"""Checkpoints: weights with what is needed to build the model and to feed it, readable with ``weights_only=True``."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from pathlib import Path
from typing import Any

import torch
from attrs import asdict, frozen
from torch import nn

import ptv_registry
from ptv_registry.errors import OutputError
from ptv_registry.files import appearing
from ptv_train.clips import ClipRecipe
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

    lock: str
    categories: tuple[str, ...]
    recipe: ClipRecipe

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for the checkpoint."""
        return {"lock": self.lock, "categories": list(self.categories), "recipe": asdict(self.recipe)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ModelRecord:
        """Inverse of :meth:`to_dict`."""
        return cls(data["lock"], tuple(data["categories"]), ClipRecipe(**data["recipe"]))


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
    """Give a file a second name, or where there is no such thing, another."""
    link = previous.with_name(f".{previous.name}.link")
    link.unlink(missing_ok=True)
    try:
        os.link(path, link)
    except OSError:
        os.replace(path, previous)
    else:
        os.replace(link, previous)


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """What is in a checkpoint, on the CPU, after a look at its checksum.

    Raises:
        CheckpointError: the file is missing, damaged or holds code.
    """
    path = Path(path)
    try:
        _check(path)
        data: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}", path=str(path)) from None
    except CheckpointError as error:
        raise CheckpointError(str(error) + way_out(path), path=str(path)) from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError) as error:
        cause = str(error).strip().partition("\n")[0]
        raise CheckpointError(
            f"{path} is no checkpoint that can be read safely: {cause}{way_out(path)}", path=str(path)
        ) from error
    return data


def _check(path: Path) -> None:
    """A file of :func:`save_checkpoint` ends in its checksum; one of ``torch.save`` in the end of a zip archive."""
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


def read_checkpoint(path: str | Path) -> tuple[ModelRecord, dict[str, torch.Tensor]]:
    """The record and the model's weights in a checkpoint that ``ptv train`` wrote.

    Raises:
        CheckpointError: the file is missing, damaged, holds code, or was written by something else.
    """
    data = load_checkpoint(path)
    if not isinstance(data, dict) or _KEY not in data or "state_dict" not in data:
        raise CheckpointError(f"{path} was not written by `ptv train`: it has no entry {_KEY!r}", path=str(path))
    try:
        record = ModelRecord.from_dict(data[_KEY])
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: its entry {_KEY!r} is damaged: {error!r}", path=str(path)) from error
    weights = {
        name.removeprefix(_PREFIX): tensor for name, tensor in data["state_dict"].items() if name.startswith(_PREFIX)
    }
    return record, weights


def load_model(path: str | Path) -> tuple[nn.Module, ModelRecord]:
    """The trained model of a checkpoint, in eval mode.

    Raises:
        CheckpointError: the checkpoint cannot be read, or its weights do not fit its model.
    """
    record, weights = read_checkpoint(path)
    # The lock may name the weights that the training started from; those of the checkpoint replace them.
    plan = ptv_registry.resolve(record.lock)
    without: dict[str, Any] = dict.fromkeys(plan.options)
    model: nn.Module = ptv_registry.build(plan, **without)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: the weights do not fit the model of its lock: {error}", path=str(path)
        ) from error
    return model.eval(), record
