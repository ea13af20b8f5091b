"""PySlowFast's configuration: its YAML, or a ``CfgNode`` of yacs, with ``KEY VALUE`` overrides."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml

from ptv_pyslowfast.defaults import DEFAULTS
from ptv_pyslowfast.errors import ConfigError

_BASE: Final = "_BASE_"
_DEEPEST: Final = 8


class Config:
    """Values by their dotted names, such as ``config["SOLVER.BASE_LR"]``, and which of them were asked for.

    Attributes:
        given: the values that a file or an override gave, by name, in their order.
    """

    def __init__(self) -> None:
        self._values = dict(_flat(copy.deepcopy(DEFAULTS)))
        self.given: dict[str, Any] = {}
        self._asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """The value of a name; whoever translates the configuration has then seen it."""
        self._asked.add(name)
        return self._values[name]

    def set(self, name: str, value: Any, where: str) -> None:
        """Give a name another value, of the type that the default has.

        Raises:
            ConfigError: no such name, or the value is of another type.
        """
        if name not in self._values:
            near = get_close_matches(name, self._values, 3)
            hint = f"; near names are {', '.join(near)}" if near else ""
            raise ConfigError(f"{where}: PySlowFast has no key {name}{hint}", key=name)
        self._values[name] = self.given[name] = _like(name, _decoded(value), self._values[name], where)

    def unused(self) -> dict[str, Any]:
        """What was given and nobody asked for."""
        return {name: value for name, value in self.given.items() if name not in self._asked}


def read_config(path: str | Path | None, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML file of PySlowFast's, the files that it names as ``_BASE_`` first, then the overrides.

    Args:
        path: of the file; ``None``: the defaults.
        overrides: names and values in turn, ``["SOLVER.BASE_LR", "0.05", ...]``.

    Raises:
        ConfigError: the file cannot be read or understood, or has names that PySlowFast does not know.
    """
    config = Config()
    if path is not None:
        for file, values in _chain(Path(path)):
            for name, value in _flat(values):
                config.set(name, value, str(file))
    return _overridden(config, overrides)


def config_of(node: Mapping[str, Any], overrides: Sequence[str] = (), *, custom_keys: bool = False) -> Config:
    """The configuration in a ``CfgNode`` of yacs, or any mapping like it; what equals the default was not asked for.

    Args:
        node: the values.
        overrides: names and values in turn.
        custom_keys: leave names alone that PySlowFast does not know, such as a project's own of its ``custom_config``.

    Raises:
        ConfigError: it has names that PySlowFast does not know.
    """
    config = Config()
    usual = dict(_flat(DEFAULTS))
    for name, value in _flat(node):
        if (name not in usual and not custom_keys) or (name in usual and value != usual[name]):
            config.set(name, value, "the configuration")
    return _overridden(config, overrides)


def _overridden(config: Config, overrides: Sequence[str]) -> Config:
    if len(overrides) % 2:
        raise ConfigError(
            f"overrides are KEY VALUE pairs, and {overrides[-1]!r} is left over; write SOLVER.BASE_LR 0.05"
        )
    for name, value in zip(overrides[::2], overrides[1::2], strict=True):
        config.set(name, value, "KEY VALUE")
    return config


def _chain(path: Path, above: tuple[Path, ...] = ()) -> list[tuple[Path, Mapping[str, Any]]]:
    """The files from the first base to the one that is meant."""
    if path in above or len(above) >= _DEEPEST:
        raise ConfigError(f"{path}: its _BASE_ leads back to it, or further than {_DEEPEST} files", path=str(path))
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        cause = " ".join(str(error).split())
        raise ConfigError(f"{path} cannot be read as YAML: {cause}", path=str(path)) from error
    if not isinstance(found, Mapping):
        raise ConfigError(f"{path} holds a {type(found).__name__}, and a configuration is a mapping", path=str(path))
    own = {name: value for name, value in found.items() if name != _BASE}
    base = found.get(_BASE)
    return [*([] if base is None else _chain(path.parent / str(base), (*above, path))), (path, own)]


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _decoded(value: Any) -> Any:
    """A text that is a literal of Python is that literal, as in yacs: ``1e-4``, ``(3, 7, 7)``, ``True``."""
    if not isinstance(value, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value


def _like(name: str, value: Any, usual: Any, where: str) -> Any:
    """The value as the type of the default; ``None`` fits any and is fitted by any."""
    if value is None or usual is None or type(value) is type(usual):
        return value
    if isinstance(value, list | tuple) and isinstance(usual, list | tuple):
        return type(usual)(value)
    if isinstance(usual, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(usual, str) and not isinstance(value, bool | list | tuple):
        return str(value)
    raise ConfigError(
        f"{where}: {name} is {value!r}, of type {type(value).__name__}; PySlowFast takes a {type(usual).__name__}, as "
        f"{usual!r}",
        key=name,
    )
