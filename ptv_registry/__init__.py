"""ptv_registry: kinds of video-understanding components, the names that installed distributions give them, and how to
turn a string into an object."""

from typing import TYPE_CHECKING, Any

from ptv_registry._slots import Role, Slot
from ptv_registry.errors import PtvError

if TYPE_CHECKING:
    import pluggy

    from ptv_registry._api import (
        as_factory,
        build,
        call_hook,
        components,
        default_registry,
        describe,
        forget,
        freeze,
        plan_of,
        register,
        resolve,
    )
    from ptv_registry._entries import Entry
    from ptv_registry._factory import Factory
    from ptv_registry._kinds import Kind
    from ptv_registry._parser import parse
    from ptv_registry._plan import Argument, Node, Plan
    from ptv_registry._registry import Registry
    from ptv_registry._spec import Spec

    hookimpl: pluggy.HookimplMarker

__all__ = [
    "Argument",
    "Entry",
    "Factory",
    "Kind",
    "Node",
    "Plan",
    "PtvError",
    "Registry",
    "Role",
    "Slot",
    "Spec",
    "as_factory",
    "build",
    "call_hook",
    "components",
    "default_registry",
    "describe",
    "forget",
    "freeze",
    "hookimpl",
    "parse",
    "plan_of",
    "register",
    "resolve",
]

_HOMES = {
    **dict.fromkeys(("Argument", "Node", "Plan"), "_plan"),
    "Entry": "_entries",
    "Factory": "_factory",
    "Kind": "_kinds",
    "Registry": "_registry",
    "Spec": "_spec",
    "parse": "_parser",
}


def __getattr__(name: str) -> Any:
    # What is not needed to write a component is imported at first use, so that a plugin's import stays cheap.
    if name == "hookimpl":
        import pluggy

        found = pluggy.HookimplMarker("ptv_registry")
    elif name in __all__:
        from importlib import import_module

        found = getattr(import_module(f"ptv_registry.{_HOMES.get(name, '_api')}"), name)
    else:
        raise AttributeError(f"module 'ptv_registry' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
