"""Calls of hooks (pluggy): plugins are loaded at the first call, each in its own ``try``."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ptv_registry import _registry
from ptv_registry._entries import Scan, canonical
from ptv_registry._registry import Registry
from ptv_registry.errors import HookError, PtvWarning

if TYPE_CHECKING:
    import pluggy

    from ptv_registry._plan import Plan
    from ptv_registry._spec import Spec


class PluginWarning(PtvWarning):
    """A plugin's hooks were left out because of an error in them."""


_MOST: Final = 8
_loaded: dict[tuple[int, frozenset[str] | None], tuple[Scan, pluggy.PluginManager]] = {}


def manager(registry: Registry | None = None) -> pluggy.PluginManager:
    """The plugin manager with the hooks of every installed plugin whose distribution the registry trusts.

    ``PTV_DISABLE_PLUGINS`` names distributions to leave out (``all`` leaves out every one); ``PTV_STRICT=1`` makes a
    plugin that fails an error instead of a warning.
    """
    registry = registry or _registry.default
    found = registry.scan
    key = id(found), registry.trusted
    if key not in _loaded:
        while len(_loaded) >= _MOST:
            del _loaded[next(iter(_loaded))]
        _loaded[key] = found, _load(found, registry)
    return _loaded[key][1]


def _load(found: Scan, registry: Registry) -> pluggy.PluginManager:
    import pluggy

    from ptv_registry import hookspecs

    plugins = pluggy.PluginManager("ptv_registry")
    plugins.add_hookspecs(hookspecs)
    disabled = {canonical(name.strip()) for name in os.environ.get("PTV_DISABLE_PLUGINS", "").split(",")}
    if "all" in disabled:
        return plugins
    for entry in found.hooks:
        if canonical(entry.dist or "") in disabled or not registry.trusts(entry):
            continue
        name = f"{entry.dist}:{entry.name}"
        try:
            plugins.register(entry.load(), name=name)
            plugins.check_pending()  # a hook that is none, for instance by a slip of the pen
        except Exception as error:  # noqa: BLE001 - whatever a stranger's plugin raises
            if plugins.has_plugin(name):
                plugins.unregister(name=name)
            _failed(f"the hooks of {entry.origin} are left out: {error}", error)
    return plugins


def _failed(message: str, error: BaseException) -> None:
    if os.environ.get("PTV_STRICT") == "1":
        raise HookError(message) from error
    warnings.warn(message + "\n(PTV_STRICT=1 makes this an error)", PluginWarning, stacklevel=3)


def call(name: str, registry: Registry | None = None, /, **arguments: Any) -> Any:
    """Call a hook of every plugin; results in pluggy's order, or the first for a ``firstresult`` hook."""
    return getattr(manager(registry).hook, name)(**arguments)


def call_each(name: str, *, registry: Registry | None = None, **arguments: Any) -> dict[str, Any]:
    """Call a hook plugin by plugin, so that one that fails does not silence the others; results by plugin."""
    results = {}
    for implementation in getattr(manager(registry).hook, name).get_hookimpls():
        try:
            result = _answer(implementation, arguments)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's plugin raises is reported, not lost
            _failed(f"{name} of {implementation.plugin_name} failed: {type(error).__name__}: {error}", error)
            continue
        if result is not None:
            results[implementation.plugin_name] = result
    return results


def option_names(spec: Spec, registry: Registry) -> set[str]:
    """The names of the arguments that plugins answer for."""
    answers = call_each("ptv_build_options", registry=registry, spec=spec).values()
    return {name for answer in answers for name in _texts(answer)}


def check_plan(plan: Plan, registry: Registry) -> list[str]:
    """Every objection to a plan."""
    return [
        text for answer in call_each("ptv_check_plan", registry=registry, plan=plan).values() for text in _texts(answer)
    ]


def _texts(answer: Any) -> list[str]:
    return [answer] if isinstance(answer, str) else list(answer)


def after_build(built: Any, plan: Plan, registry: Registry) -> dict[str, Any]:
    """What plugins record of a built object, by plugin; an error in one is the build's error."""
    records = {}
    for implementation in manager(registry).hook.ptv_after_build.get_hookimpls():
        result = _answer(implementation, {"obj": built, "plan": plan})
        if result is not None:
            records[implementation.plugin_name] = result
    return records


def _answer(implementation: pluggy.HookImpl, arguments: Mapping[str, Any]) -> Any:
    return implementation.function(**{name: arguments[name] for name in implementation.argnames})
