"""Fake distributions: in this process as a ``Scan``, or as ``*.dist-info`` folders for a subprocess."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ptv_registry import Registry
from ptv_registry._entries import Entry, Scan

PARTS = "tests.support.fake_parts"


def entry(key: str, value: str, dist: str = "acme", version: str = "1.0", *, deprecated: bool = False) -> Entry:
    """``entry("norm:ghost", "Ghost")``: what follows the colon of ``value`` may stand alone for a fake part."""
    kind, _, name = key.partition(":")
    return Entry(kind, name, value if ":" in value else f"{PARTS}:{value}", dist, version, deprecated)


def scan_of(
    entries: Iterable[Entry],
    kinds: Iterable[Entry] = (),
    hooks: Iterable[Entry] = (),
    newer: Iterable[Entry] = (),
) -> Scan:
    """A scan of just these entries."""
    return Scan(tuple(entries), tuple(kinds), tuple(hooks), tuple(newer), ())


PART_NAMES: Mapping[str, str] = {
    "norm:batch": "Batch",
    "norm:ghost": "Ghost",
    "norm:no_momentum": "NoMomentum",
    "norm:broken_contract": "BrokenContract",
    "conv:plain": "Conv3d",
    "activation:relu": "Relu",
    "activation:swish": "Swish",
    "block:plain": "BlockPart",
    "block:two_acts": "TwoActsPart",
    "block:conv_abc": "ConvABCPart",
    "stage:plain": "StagePart",
    "stem:plain": "StemPart",
    "stem:normless": "NormlessStemPart",
    "head:plain": "HeadPart",
    "layer:literal": "LiteralsPart",
    "model:net": "NetPart",
    "model:pathways": "PathwaysPart",
    "transform:flip": "FlipPart",
    "transform:compose": "ComposePart",
}


def registry(**extra: str) -> Registry:
    """The fake parts, with further entries as ``norm_x="module:attribute"`` given by ``key__name``."""
    found = [entry(key, value) for key, value in PART_NAMES.items()]
    found += [entry(key.replace("__", ":"), value) for key, value in extra.items()]
    return Registry(scan=scan_of(found))


def write_dist(
    root: Path,
    name: str,
    entry_points: Mapping[str, Mapping[str, str]],
    modules: Mapping[str, str] | None = None,
    version: str = "1.0",
) -> Path:
    """A distribution as pip would leave it: metadata, entry points, modules; ``root`` goes on the path."""
    info = root / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    text = ""
    for group, points in entry_points.items():
        text += f"[ptv_registry.{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items()) + "\n"
    (info / "entry_points.txt").write_text(text)
    for module, code in (modules or {}).items():
        (root / f"{module}.py").write_text(code)
    return root


def python(
    args: list[str], *, path: Path | None = None, check: bool = True, timeout: float = 120, **env: str
) -> subprocess.CompletedProcess[str]:
    """A new interpreter that sees the fake distributions below ``path``."""
    environment = {**os.environ, **env}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, env=environment, timeout=timeout, check=False
    )
    if check and done.returncode:
        raise AssertionError(f"status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def ptv(args: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    """The ``ptv`` command in a new interpreter."""
    return python(["-m", "ptv_registry.cli", *args], **options)  # type: ignore[arg-type]
