"""``Artifact``: what the folder of an exported model says about it, and the proof that the folder is whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from attrs import asdict, evolve, frozen

from ptv_deploy.errors import ArtifactError, ArtifactExistsError
from ptv_deploy.parity import Parity
from ptv_deploy.signature import Signature

RECORD: Final = "artifact.json"
_VERSION: Final = 1
Precision = Literal["fp32", "bf16", "int8"]


@frozen
class About:
    """What a model is for, which its weights do not say.

    Attributes:
        categories: names of the classes in order.
        recipe: how clips become its input: ``seconds`` (length of a clip) and ``transform`` (a spec).
        weights: ``random`` if the model was never trained, so that its scores mean nothing.
    """

    categories: tuple[str, ...] | None = None
    recipe: Mapping[str, Any] | None = None
    weights: Literal["trained", "random", "unknown"] = "unknown"


@frozen
class Artifact:
    """The record of an exported model, ``artifact.json`` in its folder.

    Attributes:
        folder: where it is; not part of the record, so that the folder can be moved.
        backend: name and distribution of the backend that made it and runs it, and the arguments it was built with.
        precision: ``fp32``, ``bf16`` or ``int8``.
        lock: the model's lock, or ``None`` if it was not made by :func:`ptv_registry.build`.
        signature: what it takes and gives.
        about: categories, recipe, and whether the weights were trained.
        versions: of what made it.
        settings: whatever the backend wants to know again; ``not_quantised`` holds the names of layers that int8
            left in higher precision because they cost too much, or because that was asked for.
        parity: how near it is to the model; ``None`` while it is being made, and if what made it cannot run it
            (then ``settings["not_compared"]`` says why).
        files: size in bytes and SHA-256 of every other file.
    """

    folder: Path
    backend: Mapping[str, Any]
    precision: Precision
    lock: Mapping[str, Any] | None
    signature: Signature
    about: About
    versions: Mapping[str, str]
    settings: Mapping[str, Any]
    parity: Parity | None
    files: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, folder: str | Path, *, verify: bool = True) -> Artifact:
        """The record in a folder.

        Args:
            folder: the artifact.
            verify: whether to compare every file with its checksum.

        Raises:
            ArtifactError: the folder is no artifact, or a file is damaged or missing; the message names it.
        """
        folder = Path(folder)
        path = folder / RECORD
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            checksum = data.pop("checksum")
        except FileNotFoundError:
            raise _damaged(folder, RECORD, "is missing, so this is no artifact") from None
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise _damaged(folder, RECORD, f"cannot be read: {error}") from error
        if data.get("ptv_artifact") != _VERSION:
            raise _damaged(
                folder, RECORD, f"is of version {data.get('ptv_artifact')}; this ptv-deploy reads {_VERSION}"
            )
        if checksum != _checksum(data):
            raise _damaged(folder, RECORD, "was changed after the export; export again to change what it says")
        try:
            about = data["about"]
            artifact = cls(
                folder,
                data["backend"],
                data["precision"],
                data["lock"],
                Signature.from_dict(data["signature"]),
                About(about["categories"] and tuple(about["categories"]), about["recipe"], about["weights"]),
                data["versions"],
                data["settings"],
                Parity(**data["parity"]) if data["parity"] else None,
                data["files"],
            )
        except (KeyError, TypeError) as error:
            raise _damaged(folder, RECORD, f"lacks an entry: {error!r}") from error
        if verify:
            artifact.verify()
        return artifact

    def verify(self) -> None:
        """Compare every file with its checksum.

        Raises:
            ArtifactError: a file is damaged or missing; the message names it.
        """
        for name, stated in self.files.items():
            path = self.folder / name
            if not path.resolve().is_relative_to(self.folder.resolve()):
                raise _damaged(self.folder, name, "lies outside of the folder")
            if not path.is_file():
                raise _damaged(self.folder, name, "is missing")
            if path.stat().st_size != stated["bytes"]:
                raise _damaged(self.folder, name, f"has {path.stat().st_size} bytes instead of {stated['bytes']}")
            if _sha256(path) != stated["sha256"]:
                raise _damaged(self.folder, name, "does not have the content that was exported")

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(stated["bytes"] for stated in self.files.values())

    @property
    def not_quantised(self) -> list[str]:
        """Layers of an int8 model that are not quantised: they cost too many decisions, or were asked for."""
        return list(self.settings.get("not_quantised", ()))

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON data."""
        return {
            "ptv_artifact": _VERSION,
            "backend": dict(self.backend),
            "precision": self.precision,
            "lock": self.lock,
            "signature": self.signature.to_dict(),
            "about": {**asdict(self.about), "recipe": self.about.recipe and dict(self.about.recipe)},
            "versions": dict(self.versions),
            "settings": dict(self.settings),
            "parity": self.parity and asdict(self.parity),
            "files": {name: dict(stated) for name, stated in self.files.items()},
        }

    def write(self) -> None:
        """Write the record into the folder."""
        data = json.loads(json.dumps(self.to_dict()))
        text = json.dumps({**data, "checksum": _checksum(data)}, indent=1) + "\n"
        (self.folder / RECORD).write_text(text, encoding="utf-8")

    def with_files(self) -> Artifact:
        """The record with the files that lie in the folder now."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file() and path.name != RECORD)
        files = {
            path.relative_to(self.folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
            for path in found
        }
        return evolve(self, files=files)


def is_artifact(path: str | Path) -> bool:
    """Whether a path is the folder of an exported model."""
    return (Path(path) / RECORD).is_file()


@contextmanager
def new_folder(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """A folder to fill beside ``path``, which takes its place at the end, or vanishes on an error.

    Raises:
        ArtifactExistsError: there is something at the path, and it is no artifact or is to be kept.
    """
    path = path.absolute()
    if path.exists() and not (overwrite and is_artifact(path)):
        way_out = "give another path, or overwrite=True (--overwrite)" if is_artifact(path) else "give another path"
        raise ArtifactExistsError(f"there is something at {path} already; {way_out}", path=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}.{uuid.uuid4().hex[:8]}"
    draft.mkdir()
    try:
        yield draft
        if path.exists():
            old = draft.with_name(draft.name + ".old")
            os.replace(path, old)
            os.replace(draft, path)
            shutil.rmtree(old)
        else:
            os.replace(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _damaged(folder: Path, file: str, what: str) -> ArtifactError:
    return ArtifactError(f"{folder / file} {what}", path=str(folder), file=file)


def _checksum(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
