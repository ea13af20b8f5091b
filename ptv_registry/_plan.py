"""``Plan``: the validated tree of a spec, every value marked with where it comes from, before anything is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from attrs import define, field, frozen

from ptv_registry._entries import Entry
from ptv_registry._kinds import Kind
from ptv_registry._parts import Parts
from ptv_registry._signature import Signature
from ptv_registry._spec import Spec, format_value

Source = Literal["explicit", "inherited", "default"]


@frozen
class Opaque:
    """A finished object given to a slot that wants one (``Slot(built=True)``); it has no name."""

    value: Any


@frozen
class Argument:
    """The value of one parameter.

    Attributes:
        value: a literal, a :class:`Node`, an :class:`Opaque`, ``None``, or a tuple of these.
        source: ``explicit`` (given to this node), ``inherited`` (from a node above) or ``default``.
        given_at: the path of the argument that was written, when that is another place.
    """

    value: Any
    source: Source
    is_slot: bool = False
    built: bool = False
    given_at: str = ""


@define(eq=False)
class Node:
    """One component of a plan.

    Attributes:
        path: how ``set=`` names it, as in ``stem_function[1].norm``; empty for the outermost.
        entry: the name behind it, or ``None`` for a raw callable.
        locked: the defaults recorded in ``arguments`` hold, whatever the component's own defaults are today.
    """

    kind: Kind
    path: str
    entry: Entry | None
    target: Callable[..., Any]
    signature: Signature
    arguments: dict[str, Argument] = field(factory=dict)
    locked: bool = False
    _given: tuple[tuple[str, Argument], ...] | None = field(default=None, init=False)

    @property
    def given(self) -> tuple[tuple[str, Argument], ...]:
        """The arguments that a call passes on; plain defaults are the component's own affair, unless they are locked."""
        if self._given is None:
            self._given = tuple(
                (name, argument)
                for name, argument in self.arguments.items()
                if argument.is_slot or self.locked or argument.source != "default"
            )
        return self._given

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return (
            self.entry.key if self.entry else f"{self.kind.name} {getattr(self.target, '__qualname__', self.target)!s}"
        )

    def children(self) -> Iterator[Node]:
        """The nodes directly below."""
        for argument in self.arguments.values():
            yield from nodes_in(argument.value)

    def walk(self) -> Iterator[Node]:
        """This node and all below."""
        yield self
        for child in self.children():
            yield from child.walk()


def nodes_in(value: Any) -> Iterator[Node]:
    """The nodes in an argument's value, however nested the list."""
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from nodes_in(item)


@frozen
class RoleArgument:
    """An argument that was found by its role.

    Attributes:
        path: how ``set=`` names it.
        argument: its value, and where that comes from.
    """

    path: str
    argument: Argument


@define(eq=False)
class Plan:
    """What :func:`resolve` returns and :func:`build` carries out.

    Attributes:
        root: the outermost component.
        spec: what was asked, as written.
        arguments, edits: the keyword arguments and ``set=`` that came with it.
        options: arguments that plugins answer for, not the component (hook ``ptv_build_options``).
        records: what ``ptv_after_build`` hooks want in the lock, by distribution.
        parts: what the model was made of when it was built; see :mod:`ptv_registry._parts`.
        locked_options: names of options that stood in a lock, so that whoever made it chose them.
    """

    root: Node
    spec: Spec | None
    arguments: Mapping[str, Any] = field(factory=dict)
    edits: Mapping[str, Any] = field(factory=dict)
    options: dict[str, Any] = field(factory=dict)
    records: dict[str, Any] = field(factory=dict)
    parts: Parts = field(factory=dict)
    locked_options: set[str] = field(factory=set)

    @property
    def kind(self) -> str:
        """The kind of the outermost component."""
        return self.root.kind.name

    def walk(self) -> Iterator[Node]:
        """Every node, outermost first."""
        return self.root.walk()

    def of_role(self, role: str) -> RoleArgument | None:
        """The argument whose parameter has this :class:`ptv_registry.Role`; the outermost one, if there are several."""
        for node in self.walk():
            for name, argument in node.arguments.items():
                parameter = node.signature.parameters.get(name)
                if parameter is not None and parameter.role == role:
                    return RoleArgument(f"{node.path}.{name}" if node.path else name, argument)
        return None

    def __str__(self) -> str:
        return "\n".join(render(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Plan:
        return self  # a plan is not changed after resolution

    def __reduce__(self) -> tuple[Any, ...]:
        from ptv_registry import _lock

        return _lock.unpickled, (_lock.pickled(self),)


def render(plan: Plan, *, defaults: bool = True) -> Iterator[str]:
    """The tree, a line a value: ``*`` explicit, ``^`` inherited, nothing for a default."""
    yield f"{plan.root.name}{_origin(plan.root)}"
    yield from _render_arguments(plan.root, "", defaults)


_MARKS = {"explicit": "* ", "inherited": "^ ", "default": "  "}


def _render_arguments(node: Node, indent: str, defaults: bool) -> Iterator[str]:
    for name, argument in node.arguments.items():
        if argument.source == "default" and not defaults and not list(nodes_in(argument.value)):
            continue
        note = f"   (from {argument.given_at})" if argument.source == "inherited" else ""
        yield from _render_value(f"{indent}  {_MARKS[argument.source]}{name}", argument.value, note, indent, defaults)


def _render_value(label: str, value: Any, note: str, indent: str, defaults: bool) -> Iterator[str]:
    if isinstance(value, Node):
        yield f"{label} = {value.name}{_origin(value)}{note}"
        yield from _render_arguments(value, indent + "    ", defaults)
    elif isinstance(value, tuple) and any(True for _ in nodes_in(value)):
        for index, item in enumerate(value):
            yield from _render_value(f"{label}[{index}]", item, note, indent, defaults)
    else:
        yield f"{label} = {show(value)}{note}"


def _origin(node: Node) -> str:
    return f"  [{node.entry.origin}]" if node.entry else "  [a raw callable]"


def show(value: Any) -> str:
    """A value for people; what has no text form by its qualified name."""
    if isinstance(value, Opaque):
        return f"<{type(value.value).__name__} object>"
    if value is None or isinstance(value, bool | int | float | str):
        return format_value(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(show, value)) + "]"
    return f"<{getattr(value, '__qualname__', value)}>"
