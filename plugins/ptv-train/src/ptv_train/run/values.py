"""From settings as they are typed (run file, options, ``--set``) to a :class:`Training`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs

import ptv_registry
from ptv_registry import Spec
from ptv_registry.cli.options import read_spec
from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.clip_recipe import ClipRecipe, read_changes, recipe_for
from ptv_train.run.file import INPUT, is_record, read_run_file, setting_of
from ptv_train.training.training import Training

_SPECS: Final = ("task", "loss", "optimizer", "schedule")
_LISTS: Final = ("metrics", "batch_transforms", "callbacks")
_SHORT: Final = {"lr": "optimizer", "weight_decay": "optimizer", "warmup": "schedule", "label_smoothing": "loss"}
_DEFAULTS: Final = {attribute.name: attribute.default for attribute in attrs.fields(Training)}
_HINTS: Final = get_type_hints(Training)
_STEP: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)((?:\[\d{1,4}\])*)\Z")
Step = tuple[str, tuple[int, ...]]


def training_of(file: Path | None, options: Mapping[str, Any], edits: Sequence[str] = ()) -> Training:
    """The training that a run file, options and edits mean; each wins over those before.

    Args:
        file: a run file.
        options: settings by the names of :class:`Training`'s attributes, and ``input``, ``clip_seconds``, ``transform``.
        edits: texts ``PATH=VALUE``, such as ``optimizer.lr=0.01``.

    Raises:
        PtvError: a setting is unknown or missing, or its value has the wrong type.
    """
    values = {} if file is None else read_run_file(file)
    _override(values, options)
    for edit in edits:
        path, equals, text = edit.partition("=")
        if not equals:
            raise ArgumentError(f"--set {edit!r} is not of the form PATH=VALUE, as in optimizer.lr=0.01")
        _set(values, path.strip(), text.strip())
    if values.get("resume") and "out" not in values and file is not None and is_record(file):
        values["out"] = file.parent
    missing = [name for name in ("model", "train", "out") if values.get(name) is None]
    if missing:
        options_of = ", ".join(f"--{name}" for name in missing)
        raise ArgumentError(f"{' and '.join(missing)} must be given: {options_of}, or in a run file", missing=missing)
    changes = {name: values.pop(name) for name in INPUT if values.get(name) is not None}
    converted = {name: _converted(name, value) for name, value in values.items() if name not in INPUT}
    if changes:
        if converted.get("recipe") is not None:
            raise ArgumentError(f"recipe and {' and '.join(changes)} both say how clips become input; leave one out")
        plan = ptv_registry.resolve(converted["model"], set=converted.get("edits"))
        converted["recipe"] = recipe_for(
            plan,
            seconds=None if "clip_seconds" not in changes else _number(changes["clip_seconds"]),
            transform=changes.get("transform"),
            changes=_input(changes.get("input")),
        )
    return Training(**converted)


def _override(values: dict[str, Any], options: Mapping[str, Any]) -> None:
    """Let options win over a file, also where they say the same in another way."""
    for name, value in options.items():
        of = _SHORT.get(name)
        if of is not None and of not in options and values.get(of) is not None:
            spec = _spec(values[of])
            values[of] = str(Spec(spec.name, {k: v for k, v in spec.args.items() if k != name}, spec.kind, spec.dist))
        if name in INPUT:
            values.pop("recipe", None)
        values[name] = value


def _set(values: dict[str, Any], path: str, text: str) -> None:
    """Carry out one ``--set``."""
    steps = [_step(path, step) for step in path.split(".")]
    (key, indices), *rest = steps
    name = setting_of(key, f"--set {path}: ")
    if not rest and not indices:
        values[name] = text if name in _SPECS or name in _LISTS or name in INPUT else _literal(name, text)
    elif name in _SPECS and not indices:
        spec = _spec(values.get(name) or _DEFAULTS[name] or "cross_entropy")
        values[name] = str(_edited(spec, rest, text, path))
        if len(rest) == 1 and _SHORT.get(rest[0][0]) == name:
            values.pop(rest[0][0], None)
    elif name in _LISTS:
        items = _items(name, values.get(name) or ())
        place = indices[0] if indices else 0
        if len(indices) > 1 or place >= len(items) or (not indices and len(items) > 1):
            raise ArgumentError(f"--set {path}: {name} has {len(items)} items; write {name}[0] for the first")
        items[place] = str(_edited(_spec(items[place]), rest, text, path)) if rest else text
        values[name] = items
    elif name == "model" and not indices:
        _set_in_model(values, rest, text, path)
    elif name in ("input", "recipe") and not indices and len(rest) == 1 and not rest[0][1]:
        before = values.get(name) or {}
        mapping = (
            _input(before) if name == "input" else attrs.asdict(before) if isinstance(before, ClipRecipe) else before
        )
        values[name] = {**mapping, rest[0][0]: text if rest[0][0].endswith("transform") else _value(text)}
        if name == "input":
            values.pop("recipe", None)
    else:
        raise ArgumentError(f"--set {path}: {name} has no parts")


def _set_in_model(values: dict[str, Any], rest: list[Step], text: str, path: str) -> None:
    """An argument of the model becomes part of its spec; what is deeper, and what is in a lock, an edit."""
    model = values.get("model")
    is_spec = isinstance(model, Mapping) or (
        isinstance(model, str) and not model.endswith(".json") and not model.lstrip().startswith("{")
    )
    if len(rest) == 1 and not rest[0][1] and is_spec:
        values["model"] = str(_edited(_spec(model), rest, text, path))
    else:
        below = path.partition(".")[2]
        values["edits"] = {**(values.get("edits") or {}), below: _value(text)}


def _edited(spec: Spec, steps: list[Step], text: str, path: str) -> Spec:
    """The spec with one argument set, here or further down."""
    (name, indices), *rest = steps
    if not rest and not indices:
        return Spec(spec.name, {**spec.args, name: _value(text)}, spec.kind, spec.dist)

    def changed(value: Any, places: tuple[int, ...]) -> Any:
        if places:
            if not isinstance(value, tuple) or places[0] >= len(value):
                raise ArgumentError(f"--set {path}: {name} of {spec.name} has no item {places[0]}")
            return tuple(
                changed(item, places[1:]) if number == places[0] else item for number, item in enumerate(value)
            )
        if not rest:
            return _value(text)
        if not isinstance(value, Spec):
            raise ArgumentError(f"--set {path}: {spec} does not say {name}; set {name} itself")
        return _edited(value, rest, text, path)

    return Spec(spec.name, {**spec.args, name: changed(spec.args.get(name), indices)}, spec.kind, spec.dist)


def _step(path: str, text: str) -> Step:
    match = _STEP.match(text)
    if not match:
        raise ArgumentError(f"--set {path}: {text!r} is not a step of a path; write it like callbacks[0].decay")
    return match[1], tuple(int(number) for number in re.findall(r"\d+", match[2]))


def _value(text: str) -> Any:
    """A value as it stands in a spec."""
    return ptv_registry.parse(f"x(v={text})").args["v"]


def _literal(name: str, text: str) -> Any:
    """The value of a plain setting: text where it takes text."""
    if name in ("model", "train", "val", "out", "weights", "freeze", "strategy", "accelerator", "on_error"):
        return None if text == "none" else text
    try:
        return _value(text)
    except PtvError:
        return text


def _spec(value: Any) -> Spec:
    """A spec from its text, its JSON form, or ``{name: sgd, momentum: 0.9}``."""
    if isinstance(value, Mapping) and "args" not in value and "name" in value:
        head = {key: value[key] for key in ("kind", "dist") if key in value}
        arguments = {key: item for key, item in value.items() if key not in ("name", "kind", "dist")}
        nested = {k: _spec(item) if isinstance(item, Mapping) else item for k, item in arguments.items()}
        return Spec(str(value["name"]), nested, **head)
    return ptv_registry.parse(value)


def _items(name: str, value: Any) -> list[Any]:
    """The items of a setting that takes several; text in brackets is a list too."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        return [str(item) for item in _value(value)]
    if isinstance(value, str | Spec | Mapping):
        return [value]
    if isinstance(value, list | tuple):
        return list(value)
    raise ArgumentError(f"{name}={value!r} must be a spec or a list of specs")


def _input(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, str):
        return read_changes(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise ArgumentError(f"input={value!r} must be text such as 'num_frames=8, crop=64'")


def _number(value: Any) -> float:
    return float(_converted("lr", value))


def _converted(name: str, value: Any) -> Any:
    """A setting's value as :class:`Training` takes it.

    Raises:
        ArgumentError: it is of another type.
    """
    if name in _SPECS:
        return None if value is None and name == "loss" else _spec(value)
    if name in _LISTS:
        return () if value is None else tuple(_spec(item) for item in _items(name, value))
    if name in ("model", "train", "val") and isinstance(value, Mapping):
        return _spec(value)
    if name == "model":
        return read_spec(value) if isinstance(value, str) else value
    if name == "recipe":
        return value if value is None or isinstance(value, ClipRecipe) else _recipe(value)
    if name == "edits":
        if value is not None and not isinstance(value, Mapping):
            raise ArgumentError(f"edits={value!r} must be a mapping from paths to values")
        return dict(value or {})
    if name == "devices":
        return int(value) if isinstance(value, str) and value.isdigit() else value
    return _of_type(name, _HINTS[name], value)


def _of_type(name: str, hint: Any, value: Any) -> Any:
    if hint is Any:
        return value
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ArgumentError(f"{name}={value!r} must be one of {', '.join(get_args(hint))}")
        return value
    types = get_args(hint) or (hint,)
    if isinstance(value, str) and not {str, Path} & set(types):
        value = _literal(name, value)
    if float in types and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    accepted = tuple(str if kind is Path else kind for kind in types) + types
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in types):
        wanted = " or ".join("none" if kind is type(None) else kind.__name__ for kind in types)
        raise ArgumentError(f"{name}={value!r} must be of type {wanted}")
    return value


def _recipe(value: Any) -> ClipRecipe:
    known = [attribute.name for attribute in attrs.fields(ClipRecipe)]
    if not isinstance(value, Mapping) or set(value) - set(known) or not {"seconds", "transform"} <= set(value):
        raise ArgumentError(f"recipe={value!r} must have seconds and transform, and may have {', '.join(known[2:])}")
    return ClipRecipe(**value)
