"""``run.yaml``: what a run was asked for, so that it can be repeated; and what may change when it resumes."""

from __future__ import annotations

import json
import platform
import shlex
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import yaml

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_registry.files import write_text
from ptv_registry.redaction import record_without_secrets
from ptv_train.clip_recipe import ClipRecipe
from ptv_train.run.settings import lock_of

RECORD: Final = "run.yaml"
LOCKS: Final = "run.lock.json"
RECORDED: Final = ("command", "model_lock", "categories", "processes", "versions", "finished", "skipped")
"""What ``run.yaml`` says beside the settings that repeat the run."""
MAY_CHANGE: Final = ("epochs", "workers", "save_every", "log_every", "accelerator", "devices", "num_nodes", "progress")
"""Settings that may differ when a run goes on: ``epochs`` may grow, the others leave the result alone."""
_SPECS: Final = ("task", "loss", "optimizer", "schedule")
_DISTRIBUTIONS: Final = ("ptv-registry", "ptv-train", "ptv-datasets", "torch", "torchmetrics", "lightning")


def model_of(lock: str) -> str:
    """What a lock says about the model itself, without the versions of what provides it."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: bare(v) for k, v in sorted(node.items()) if k not in ("version", "source")}
        return [bare(item) for item in node] if isinstance(node, list) else node

    data = json.loads(lock)
    return json.dumps({"tree": bare(data["tree"]), "options": data["options"]}, sort_keys=True)


def check_same(before: dict[str, Any], now: dict[str, Any], out: Path) -> None:
    """Refuse to resume with settings other than those the run began with.

    Raises:
        ArgumentError: they differ; the message names what differs, and how.
    """
    differing = [name for name in now if name not in MAY_CHANGE and before.get(name) != now[name]]
    if not differing:
        return
    texts = [text for name in differing for text in _texts(name, before, now[name])]
    raise ArgumentError(
        f"{out} was begun with other settings: {'; '.join(texts)}; resume it with those it has (see {out / RECORD}), "
        "or begin another run in another folder"
    )


def _texts(name: str, settings: dict[str, Any], now: Any) -> list[str]:
    """What differs in a setting."""
    if name not in settings:
        return [f"its checkpoint does not say what {name} was (an older version wrote it), and it is {now!r}"]
    before = settings[name]
    if name == "model":
        return [_difference(json.loads(before), json.loads(now))]
    if name not in _SPECS or before is None or now is None:
        return [f"{name} was {before!r}, and is {now!r}"]
    one, two = ptv_registry.parse(before), ptv_registry.parse(now)
    if one.name != two.name:
        return [f"{name} was {one.name!r}, and is {two.name!r}"]
    differing = [key for key in {**one.args, **two.args} if one.args.get(key) != two.args.get(key)]
    return [f"{name}.{key} was {_shown(one, key)}, and is {_shown(two, key)}" for key in differing]


def _shown(spec: ptv_registry.Spec, key: str) -> str:
    value = spec.args.get(key)
    return str(value) if isinstance(value, ptv_registry.Spec) else repr(value)


def _difference(before: Any, now: Any) -> str:
    """The first places where two models differ."""
    found: list[str] = []

    def walk(one: Any, two: Any, path: str) -> None:
        if isinstance(one, dict) and isinstance(two, dict):
            for key in sorted(one.keys() | two.keys()):
                inner = path if key in ("tree", "arguments", "value", "node") else f"{path}.{key}".lstrip(".")
                walk(one.get(key), two.get(key), inner)
        elif one != two:
            found.append(f"{path.removesuffix('.name') or 'model'} was {one!r}, and is {two!r}")

    walk(before, now, "")
    return "the model's " + ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def write_record(
    out: Path, settings: dict[str, Any], *, finished: bool, skipped: dict[str, str], spec: str | None
) -> None:
    """Write ``run.yaml``.

    Raises:
        OutputError: it cannot be written.
    """
    record = {
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "model": spec,
        "model_lock": "model.lock.json",
        **{name: value for name, value in settings.items() if name != "model"},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _DISTRIBUTIONS}},
        "finished": finished,
        "skipped": dict(sorted(skipped.items())),
    }
    text = yaml.safe_dump(record_without_secrets(record), sort_keys=False, allow_unicode=True)
    write_text(out / RECORD, text)


def write_locks(out: Path, model: str, parts: dict[str, Any], *, train: Any, val: Any, recipe: ClipRecipe) -> None:
    """Write ``run.lock.json``: the lock of every component of a run, ``null`` for what was given as an object.

    Raises:
        OutputError: it cannot be written.
    """
    transforms = {
        name: None if spec is None else lock_of(ptv_registry.resolve(spec, kind="transform"))
        for name, spec in (("transform", recipe.transform), ("train_transform", recipe.train_transform))
    }
    locks = {"model": json.loads(model), **parts, "train": lock_of(train), "val": lock_of(val), **transforms}
    write_text(out / LOCKS, json.dumps(locks, indent=1) + "\n")
