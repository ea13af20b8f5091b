"""``Plan``: the validated tree of a spec, every value marked with where it comes from, before anything is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from attrs import field, frozen

from ptv_registry._entries import Entry
from ptv_registry._kinds import Kind
from ptv_registry._registry import Registry
from ptv_registry._signature import Signature
from ptv_registry._slots import Slot
from ptv_registry._spec import Spec, format_value

Source = Literal["explicit", "inherited", "default"]


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def _read_only(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(mapping)) if mapping else _NOTHING


@frozen(eq=False)
class Argument:
    """The value of one parameter.

    Attributes:
        value: a :class:`Node` where the slot takes a component by name, a tuple of such values, ``None``, or the value itself.
        source: ``explicit`` (given to this node), ``inherited`` (from a node above) or ``default``.
        slot: how the parameter takes another component, if it does.
        given_at: the path of the argument that was written, when that is another place.
    """

    value: Any
    source: Source
    slot: Slot | None = None
    given_at: str = ""


@frozen(eq=False, repr=False)
class Node:
    """One component of a plan.

    Attributes:
        kind: what it stands for.
        path: how ``set=`` names it, as in ``stem_function[1].norm``; empty for the outermost.
        entry: the name behind it, or ``None`` for a raw callable.
        target: the component itself.
        signature: its parameters.
        arguments: by parameter; what the call site passes is not among them.
        locked: the defaults recorded in ``arguments`` hold, whatever the component's own defaults are today.
        passed: the arguments that a call passes on; plain defaults are the component's own affair, unless they are locked.
    """

    kind: Kind
    path: str
    entry: Entry | None
    target: Callable[..., Any]
    signature: Signature
    arguments: Mapping[str, Argument] = field(factory=dict, converter=_read_only)
    locked: bool = False
    passed: tuple[tuple[str, Argument], ...] = field(init=False)

    @passed.default
    def _find_passed(self) -> tuple[tuple[str, Argument], ...]:
        return tuple(
            (name, argument)
            for name, argument in self.arguments.items()
            if self.locked or argument.slot is not None or argument.source != "default"
        )

    def __repr__(self) -> str:
        return f"<node {self.name}{f' at {self.path}' if self.path else ''}>"

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return (
            self.entry.key if self.entry else f"{self.kind.name} {getattr(self.target, '__qualname__', self.target)!s}"
        )

    @property
    def origin(self) -> str:
        """Who provides it, for messages."""
        return self.entry.origin if self.entry else "a raw callable"

    def below(self, name: str) -> str:
        """The path of one of its arguments."""
        return f"{self.path}.{name}" if self.path else name

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


@frozen(eq=False, repr=False)
class Plan:
    """What :func:`resolve` returns and :func:`build` carries out. Nothing changes it; each build attaches a plan of its own.

    Attributes:
        root: the outermost component.
        spec: what was asked, as written.
        arguments, edits: the keyword arguments and ``set=`` that came with it.
        options: arguments that plugins answer for, not the component (hook ``ptv_build_options``).
        records: what ``ptv_after_build`` hooks want in the lock, by distribution.
        locked_options: names of options that stood in a lock, so that whoever made it chose them.
        registry: where its names were looked up, and whose plugins are asked about it; ``None``: the process's own.
    """

    root: Node
    spec: Spec | None = None
    arguments: Mapping[str, Any] = field(factory=dict, converter=_read_only)
    edits: Mapping[str, Any] = field(factory=dict, converter=_read_only)
    options: Mapping[str, Any] = field(factory=dict, converter=_read_only)
    records: Mapping[str, Any] = field(factory=dict, converter=_read_only)
    locked_options: frozenset[str] = frozenset()
    registry: Registry | None = None

    def __repr__(self) -> str:
        return f"<plan of {self.root.name}>"

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
                    return RoleArgument(node.below(name), argument)
        return None

    def __str__(self) -> str:
        return "\n".join(render(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Plan:
        return self


def render(plan: Plan, *, defaults: bool = True) -> Iterator[str]:
    """The tree, a line a value: ``*`` explicit, ``^`` inherited, nothing for a default."""
    yield f"{plan.root.name}  [{plan.root.origin}]"
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
        yield f"{label} = {value.name}  [{value.origin}]{note}"
        yield from _render_arguments(value, indent + "    ", defaults)
    elif isinstance(value, tuple) and any(True for _ in nodes_in(value)):
        for index, item in enumerate(value):
            yield from _render_value(f"{label}[{index}]", item, note, indent, defaults)
    else:
        yield f"{label} = {show(value)}{note}"


def show(value: Any) -> str:
    """A value for people; what has no text form by its qualified name or its type."""
    if value is None or isinstance(value, bool | int | float | str):
        return format_value(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(show, value)) + "]"
    if name := getattr(value, "__qualname__", None):
        return f"<{name}>"
    # What prints as an address, or as a page of modules, is as good as its type.
    says_nothing = callable(value) or type(value).__repr__ is object.__repr__
    return f"<{type(value).__name__} object>" if says_nothing else f"<{value}>"
