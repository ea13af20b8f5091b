"""``Artifact``: what the folder of an exported model says about it, and the proof that the folder is whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, get_args

from attrs import asdict, evolve, field, frozen

from ptv_deploy.artifacts.parity import Parity
from ptv_deploy.artifacts.signature import Signature
from ptv_deploy.errors import ArtifactError, ArtifactExistsError
from ptv_registry.errors import PtvError
from ptv_registry.files import write_text
from ptv_registry.records import RecordError, checked, read_json, shown, structured

RECORD: Final = "artifact.json"
_VERSION: Final = 1
Precision = Literal["fp32", "bf16", "int8"]
Artifacts = Literal["data", "code"]
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_record(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_backend(value: Any) -> bool:
    return (
        _is_record(value)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("dist", 0), str | None)
        and _is_record(value.get("arguments"))
    )


def _is_stated(item: Any) -> bool:
    name, stated = item
    return (
        bool(name)
        and not name.startswith("/")
        and not {"..", ""} & set(name.split("/"))
        and _is_record(stated)
        and type(stated.get("bytes")) is int
        and stated["bytes"] >= 0
        and isinstance(stated.get("sha256"), str)
        and _SHA256.fullmatch(stated["sha256"]) is not None
    )


@frozen
class About:
    """What a model is for, which its weights do not say.

    Attributes:
        categories: names of the classes in order.
        recipe: how clips become its input: ``seconds`` (length of a clip) and ``transform`` (a spec).
        weights: ``random`` if the model was never trained, so that its scores mean nothing.
    """

    categories: tuple[str, ...] | None = field(
        default=None,
        validator=checked(lambda v: v is None or _is_texts(v), "a list of names, or null"),
        converter=lambda v: tuple(v) if isinstance(v, list) else v,
    )
    recipe: Mapping[str, Any] | None = field(
        default=None, validator=checked(lambda v: v is None or _is_record(v), "an object, or null")
    )
    weights: Literal["trained", "random", "unknown"] = field(
        default="unknown",
        validator=checked(lambda v: v in ("trained", "random", "unknown"), "trained, random or unknown"),
    )


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
        trusted: whether whoever loads it said that it may run code; not part of the record.
    """

    folder: Path
    backend: Mapping[str, Any] = field(validator=checked(_is_backend, "an object of name, dist and arguments"))
    precision: Precision = field(validator=checked(lambda v: v in get_args(Precision), "fp32, bf16 or int8"))
    lock: Mapping[str, Any] | None = field(
        validator=checked(lambda v: v is None or _is_record(v), "an object, or null")
    )
    signature: Signature
    about: About
    versions: Mapping[str, str] = field(
        validator=checked(lambda v: _is_record(v) and _is_texts(list(v.values())), "an object of texts")
    )
    settings: Mapping[str, Any] = field(validator=checked(_is_record, "an object"))
    parity: Parity | None
    files: Mapping[str, Mapping[str, Any]] = field(
        validator=checked(
            lambda v: _is_record(v) and all(map(_is_stated, v.items())), "files of this folder with bytes and sha256"
        )
    )
    trusted: bool = False

    @classmethod
    def read(cls, folder: str | Path, *, verify: bool = True, sha256: str | None = None) -> Artifact:
        """The record in a folder.

        Args:
            folder: the artifact.
            verify: whether to compare every file with its checksum.
            sha256: what :attr:`sha256` must be; for those who got it from somebody whom they trust.

        Raises:
            ArtifactError: the folder is not an artifact, or a file is damaged or missing; the message names it.
        """
        folder = Path(folder)
        path = folder / RECORD
        try:
            data = read_json(path)
        except FileNotFoundError:
            raise _damaged(folder, RECORD, "is missing, so this is not an artifact") from None
        except RecordError as error:
            raise _damaged(folder, RECORD, f"{error}") from error
        except OSError as error:
            raise _damaged(folder, RECORD, f"cannot be read: {error}") from error
        if not isinstance(data, dict) or not isinstance(checksum := data.pop("checksum", None), str):
            raise _damaged(folder, RECORD, "has no checksum, so it is not an artifact's record")
        version = data.pop("ptv_artifact", None)
        if version != _VERSION:
            raise _damaged(folder, RECORD, f"is of version {shown(version)}; this ptv-deploy reads {_VERSION}")
        if checksum != _checksum({"ptv_artifact": version, **data}):
            raise _damaged(folder, RECORD, "was changed after the export; export again to change what it says")
        if sha256 is not None and checksum != sha256:
            raise _damaged(folder, RECORD, f"has the checksum {checksum[:64]}, and sha256={sha256} was asked for")
        try:
            parts = {
                "signature": structured(Signature, data.pop("signature", None), "signature"),
                "about": structured(About, data.pop("about", None), "about"),
                "parity": None if data.get("parity") is None else structured(Parity, data["parity"], "parity"),
            }
            data.pop("parity", None)
            artifact = structured(cls, data, "the record", folder=folder, trusted=False, **parts)
        except PtvError as error:
            raise _damaged(folder, RECORD, f"is damaged: {error}") from error
        if verify:
            artifact.verify()
        return artifact

    def verify(self) -> None:
        """Compare every file with its checksum, and refuse files that have none.

        Raises:
            ArtifactError: a file is damaged, missing or not in the record; the message names it.
        """
        if not self.files:
            raise _damaged(self.folder, RECORD, "lists no files, so nothing of it can be verified")
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            hidden = any(part.startswith(".") for part in name.split("/"))
            if not hidden and not path.is_dir() and name != RECORD and name not in self.files:
                raise _damaged(self.folder, name, "is not in the record of the export; remove it")
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

    @property
    def sha256(self) -> str:
        """The checksum of the record, and with it of every file: who knows it from its maker can ask for it."""
        return _checksum(json.loads(json.dumps(self.to_dict())))

    def write(self) -> None:
        """Write the record into the folder."""
        data = json.loads(json.dumps(self.to_dict()))
        write_text(self.folder / RECORD, json.dumps({**data, "checksum": _checksum(data)}, indent=1) + "\n")

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
        ArtifactExistsError: something is at the path already, and is not an artifact or must be kept.
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
