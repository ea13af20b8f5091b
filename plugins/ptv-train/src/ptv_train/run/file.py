"""Run files: the settings of a training as YAML, such as the ``run.yaml`` that a run leaves, and ``--set``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from ptv_registry.errors import ArgumentError
from ptv_train.run.record import RECORD, RECORDED
from ptv_train.training.training import Training

SETTINGS: Final = tuple(attribute.name for attribute in attrs.fields(Training))
INPUT: Final = ("input", "clip_seconds", "transform")
"""Ways to change the model's own recipe; a run file may have the ``recipe`` itself instead."""
_ALIASES: Final = {
    "nodes": "num_nodes",
    "batch_transform": "batch_transforms",
    "callback": "callbacks",
    "metric": "metrics",
}


def read_run_file(path: Path) -> dict[str, Any]:
    """The settings in a run file, by the names of :class:`Training`'s attributes.

    What a run adds to its ``run.yaml`` for people is left out. A lock that ``model`` names is looked for beside the file.

    Raises:
        ArgumentError: it is not YAML, a key is none that there is or comes twice.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error.strerror or error}") from error
    if not isinstance(data, Mapping):
        raise ArgumentError(f"{path} holds no settings; write lines such as 'model: slowfast_r50'")
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key in RECORDED:
            continue
        name = setting_of(key, f"{path}: ")
        if name in values:
            raise ArgumentError(f"{path} has {name} twice")
        values[name] = value
    beside = path.parent / str(values.get("model"))
    if beside.suffix == ".json" and beside.is_file():
        values["model"] = beside.read_text(encoding="utf-8")
    return values


def is_record(path: Path) -> bool:
    """Whether a file is the ``run.yaml`` of a run's own folder."""
    return path.name == RECORD and (path.parent / "model.lock.json").is_file()


def setting_of(key: Any, where: str = "") -> str:
    """The setting that a key means.

    Raises:
        ArgumentError: none; the message has the nearest.
    """
    name = str(key).replace("-", "_")
    name = _ALIASES.get(name, name)
    known = (*SETTINGS, *INPUT)
    if name not in known:
        near = get_close_matches(str(key), [*known, *_ALIASES], n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ArgumentError(f"{where}unknown setting {key!r}.{hint} Settings: {', '.join(known)}")
    return name


class _Loader(yaml.SafeLoader):
    """YAML in which 1e-3 is a number and a key that comes twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As usual.

        Raises:
            ConstructorError: a key comes twice.
        """
        keys = [key.value for key, _ in node.value]
        for place, (key, _) in enumerate(node.value):
            if key.value in keys[:place]:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} comes twice", key.start_mark)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)
