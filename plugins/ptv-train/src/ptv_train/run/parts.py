"""The components of a run by their specs: one value for each setting, whoever gave it, and its text with every default."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import frozen

import ptv_registry
from ptv_registry import Entry, Factory, Node, Plan, Spec
from ptv_registry.errors import ArgumentError, PtvError


@frozen
class Part:
    """A component that waits for what its kind's call site passes.

    Attributes:
        kind: its kind.
        plan: what it will be built of.
        factory: builds it.
    """

    kind: str
    plan: Plan
    factory: Callable[..., Any]

    @property
    def name(self) -> str:
        """What a spec calls it."""
        return name_of(self.factory)

    @property
    def resolved(self) -> Spec:
        """Its spec with all defaults written out."""
        return _resolved(self.plan.root)

    def build(self, **passed: Any) -> Any:
        """The component.

        Args:
            **passed: what the call site of its kind passes.

        Raises:
            PtvError: an argument is out of range, also where the component says so with a ValueError.
        """
        return self.factory(**passed)


def part(kind: str, spec: str | Spec | Mapping[str, Any], **arguments: Any) -> Part:
    """A component of a run.

    Args:
        kind: its kind.
        spec: a text, a :class:`Spec`, or its JSON form.
        **arguments: further arguments that were given apart from the spec.

    Raises:
        PtvError: the spec names nothing of this kind, or arguments that it does not take.
        ArgumentError: an argument is given in the spec and apart from it, with different values.
    """
    whole = with_arguments(ptv_registry.parse(spec), arguments)
    factory = ptv_registry.as_factory(kind, whole)
    if not isinstance(factory, Factory):
        raise ArgumentError(f"{spec!r} is not a {kind}; give it a name with ptv_registry.register({kind!r}, ...)")
    return Part(kind, Plan(factory.node, whole), factory)


def with_arguments(spec: Spec, arguments: Mapping[str, Any]) -> Spec:
    """The spec with further arguments.

    Raises:
        ArgumentError: it has one of them already, with another value.
    """
    for name, value in arguments.items():
        if name in spec.args and spec.args[name] != value:
            raise ArgumentError(f"{name} is given twice: {spec} and {name}={value!r}; leave one out", argument=name)
    return Spec(spec.name, {**spec.args, **arguments}, spec.kind, spec.dist)


def name_of(factory: Callable[..., Any]) -> str:
    """What a spec calls the component that a slot received; else its own name."""
    entry = factory.node.entry if isinstance(factory, Factory) else None
    return entry.name if entry else str(getattr(factory, "__name__", type(factory).__name__))


@contextmanager
def naming(kind: str, name: str) -> Iterator[None]:
    """Turn what torch and third-party code raise for bad arguments into an error that names the component.

    Raises:
        ArgumentError: instead of a ValueError, TypeError, LookupError or RuntimeError.
    """
    try:
        yield
    except PtvError:
        raise
    except (ValueError, TypeError, LookupError, RuntimeError) as error:
        raise ArgumentError(f"{kind} {name}: {' '.join(str(error).split())}") from error


def _resolved(node: Node) -> Spec:
    arguments = {}
    passed = (*node.kind.requires, *node.kind.offers)
    for name, argument in node.arguments.items():
        if argument.source == "default" and name in passed:  # the call site's affair
            continue
        known, value = _value(argument.value)
        if not known and argument.source != "default":
            raise ArgumentError(
                f"{name}={argument.value!r} of {node.name} has no text, so the run could not be repeated"
            )
        if known:
            arguments[name] = value
    if node.entry is None:
        raise ArgumentError(f"{node.name} is a raw callable, so the run could not be repeated; give it a name")
    return Spec(node.entry.name, arguments, dist=None if _is_plain(node.entry) else node.entry.dist)


def _is_plain(entry: Entry) -> bool:
    """Whether the bare name means this component."""
    found = {c.dist for c in ptv_registry.components(entry.kind) if c.name == entry.name and not c.status}
    return entry.dist is None or entry.dist in found


def _value(value: Any) -> tuple[bool, Any]:
    """Whether a spec can hold a value, and the value."""
    if isinstance(value, Node):
        return True, _resolved(value)
    if isinstance(value, tuple | list):
        items = [_value(item) for item in value]
        return all(known for known, _ in items), tuple(item for _, item in items)
    try:
        Spec("x", {"value": value})
    except PtvError:
        return False, None
    return True, value
