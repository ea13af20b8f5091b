"""From a spec to a :class:`Plan`: look names up, fill slots, hand inherited arguments down, check contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from ptv_registry import _suggest
from ptv_registry._edits import HERE, Edits, deeper, merged, of_item, read_edits, wrong_edit
from ptv_registry._factory import Factory
from ptv_registry._given import Given, Recorded
from ptv_registry._parser import parse_value
from ptv_registry._plan import Argument, Node, Source
from ptv_registry._registry import Registry
from ptv_registry._signature import (
    MISSING,
    Parameter,
    choices,
    describe_annotation,
    item_annotation,
    signature,
    takes,
    takes_word,
)
from ptv_registry._spec import MAX_DEPTH, Spec, built_in, format_value
from ptv_registry._spread import spread
from ptv_registry.errors import ArgumentError, ContractError, LockError

_LITERALS: Final = (bool, int, float, str, tuple, list)


@define(eq=False)
class Inherited:
    """An argument named after a kind, on its way down."""

    given: Given
    used: bool = False


Environment = Mapping[str, Inherited]


@frozen
class Resolver:
    """Resolves one spec or what a lock records of one; the registry is the only thing it shares with others."""

    registry: Registry
    options: tuple[str, ...] = ()  # names that plugins answer for, to suggest them
    _kinds: Collection[str] = field(init=False)

    @_kinds.default
    def _find_kinds(self) -> Collection[str]:
        return self.registry.kind_names()

    def root(
        self,
        asked: Spec | Recorded,
        kind: str,
        args: Mapping[str, Any] | None = None,
        edits: Mapping[str, Any] | None = None,
        *,
        complete: bool = True,
    ) -> Node:
        """The tree of a spec or a record, with the keyword arguments and ``set=`` of :func:`build`.

        Args:
            asked: the spec or the record.
            kind: the kind of component that it must be.
            args, edits: replace whole arguments, and what is at a path.
            complete: whether nothing may be left for a call site to pass.
        """
        given = Given(asked, "", asked.written if isinstance(asked, Spec) else None)
        own = {name: Given(value, name) for name, value in (args or {}).items()}
        node = self._named(kind, asked, given, "")
        node = self._filled(node, self._arguments_of(asked, node) | own, {}, read_edits(edits or {}))
        missing = _missing(node) if complete else []
        if missing:
            raise ArgumentError(f"{node.name} needs {', '.join(missing)}", path="", missing=missing)
        return node

    # One node

    def _named(self, kind: str, asked: Spec | Recorded, given: Given, path: str) -> Node:
        with given:
            if asked.kind and asked.kind != kind:
                raise ArgumentError(f"{asked} names a {asked.kind}, and this place takes a {kind}")
            entry = self.registry.find(kind, asked.name, asked.dist)
            target = self.registry.load(entry)
            locked = isinstance(asked, Recorded)
            return self._checked(Node(self.registry.kind(kind), path, entry, target, signature(target), {}, locked))

    def _checked(self, node: Node) -> Node:
        lacking = [name for name in node.kind.requires if not node.signature.accepts(name)]
        if lacking:
            msg = (
                f"{node.name}{f' of {node.origin}' if node.entry else ''} does not take {', '.join(lacking)}, which every "
                f"call site of a {node.kind.name} passes; it cannot stand here"
            )
            raise ContractError(msg)
        return node

    def _arguments_of(self, asked: Spec | Recorded, node: Node) -> dict[str, Given]:
        if isinstance(asked, Recorded):
            return dict(asked.arguments)
        written = asked.written
        return {
            name: Given(value, node.below(name), written.at(name) if written else None)
            for name, value in asked.args.items()
        }

    def _filled(self, node: Node, given: Mapping[str, Given], env: Environment, edits: Edits) -> Node:
        """The node with its arguments."""
        parameters = node.signature.parameters
        if node.path.count(".") > MAX_DEPTH:
            raise ArgumentError(f"{node.path}: components nested more than {MAX_DEPTH} deep")
        if edits:  # what is set as a whole is as good as written at the node; what is left goes to its parts
            given = {**given, **{str(name): edit[HERE] for name, edit in edits.items() if HERE in edit}}
            edits = self._of_parameters(node, edits)
        by_kind: dict[str, Inherited] = {}
        below = dict(env)
        for name, value in given.items():
            parameter = parameters.get(name)
            if parameter is not None:
                if parameter.slot is not None and parameter.slot.kind == name:
                    below[name] = Inherited(value, used=True)
            elif not node.signature.takes_any:
                self._check_argument(node, name, value)
                by_kind[name] = below[name] = Inherited(value)
        arguments = {}
        for parameter in parameters.values():
            own = given.get(parameter.name)
            argument = self._argument(node, parameter, own, by_kind, env, below, edits.get(parameter.name, {}))
            if argument is not None:
                arguments[parameter.name] = argument
        if node.signature.takes_any:
            for name in [name for name in given if name not in parameters]:
                arguments[name] = Argument(self.literal(None, given[name], node.name), "explicit")
        for kind, inherited in by_kind.items():
            if not inherited.used:
                with inherited.given:
                    msg = (
                        f"{kind}= reaches nothing: {node.name} has no parameter of that name, and no {kind} slot in it "
                        "or below it takes one that was not given its own"
                    )
                    raise ArgumentError(msg)
        return Node(node.kind, node.path, node.entry, node.target, node.signature, arguments, node.locked)

    def _check_argument(self, node: Node, name: str, given: Given) -> None:
        """An argument that is not a parameter is named after a kind."""
        if node.locked:
            where = f" at {node.path}" if node.path else ""
            raise LockError(f"{node.name}{where} of {node.origin} no longer takes {name}, which the lock records")
        if name in self._kinds:
            return
        names = list(node.signature.parameters)
        near = _suggest.near(name, [*names, *self._kinds, *(() if node.path else self.options)])
        msg = f"{node.name} takes no argument {name!r}.{near} It takes {_suggest.listed(names, 60)}"
        raise given.located(ArgumentError(msg, argument=name))

    def _of_parameters(self, node: Node, edits: Edits) -> Edits:
        """What is set below a node's parameters; the name of a kind stands for the only slot of that kind."""
        out: dict[str | int, Any] = {}
        for step, edit in edits.items():
            name, below = str(step), deeper(edit)
            if not below:
                continue
            if name not in node.signature.parameters:
                slots = [p.name for p in node.signature.parameters.values() if p.slot and p.slot.kind == name]
                if len(slots) != 1:
                    known = slots or node.signature.parameters
                    near = f"{_suggest.near(name, known)} It has {_suggest.listed(known, 60)}"
                    raise wrong_edit(below, f"{node.path or node.name} has no argument {name!r}.{near}")
                name = slots[0]
            if node.signature.parameters[name].slot is None:
                raise wrong_edit(below, f"{node.below(name)} is not a component that has parts")
            out[name] = merged(out.get(name, {}), below)
        return out

    # One argument

    def _argument(
        self,
        node: Node,
        parameter: Parameter,
        given: Given | None,
        by_kind: Environment,
        env: Environment,
        below: Environment,
        edits: Edits,
    ) -> Argument | None:
        """The argument of one parameter, or ``None`` if it is the call site's to pass."""
        slot, default = parameter.slot, parameter.default
        if slot is None:
            if given is not None:
                return Argument(self.literal(parameter, given, node.name), given.source)
            return None if default is MISSING else Argument(default, "default")
        path = node.below(parameter.name)
        handed_down = None
        if given is None and default is not None:
            handed_down = by_kind.get(slot.kind) or env.get(slot.kind)
        if handed_down is not None:
            handed_down.used = True
            source: Source = "explicit" if slot.kind in by_kind else "inherited"
            given = handed_down.given
            given = Given(given.value, given.path, given.written, source, given.path or slot.kind)
        elif given is None and default is MISSING:
            if edits:
                raise wrong_edit(edits, f"{path} is passed by the component above; edit it there")
            return None
        elif given is None:
            given = Given(default, path, source="default")
        filler = _Filler(self, parameter, {k: v for k, v in below.items() if k != slot.kind}, handed_down is not None)
        value = filler.fill(given, default, path, edits)
        return Argument(value, "explicit" if edits else given.source, slot, given.given_at)

    def literal(self, parameter: Parameter | None, given: Given, owner: str) -> Any:
        """The value of a parameter that takes no component.

        Raises:
            ArgumentError: its annotation does not take it.
        """
        annotation = parameter.annotation if parameter else Any
        name = parameter.name if parameter else given.path
        if given.source == "default" and parameter is not None and _same(given.value, parameter.default):
            return given.value  # as it is today, whatever its annotation says
        with given:
            value = _plain(given.value, annotation, name)
            if (value is None or isinstance(value, _LITERALS)) and not takes(annotation, value):
                if value is None and "none" in choices(annotation) and parameter and parameter.default is not None:
                    return "none"  # the word, as in reduction=none, where "no such thing" is not a choice
                if parameter is not None and _same(value, parameter.default):
                    return value  # whatever its annotation says
                msg = f"{name} of {owner} takes {describe_annotation(annotation)}, not {format_value(value)}"
                raise ArgumentError(msg + (_suggest.near(value, choices(annotation)) if isinstance(value, str) else ""))
        return value

    def component(self, given: Given, path: str, parameter: Parameter, env: Environment, edits: Edits) -> Any:
        """What one value given to a slot means: a node, ``None``, or the finished object itself."""
        value, slot = given.value, parameter.slot
        if value is None or slot is None:
            if not parameter.takes_none:
                raise given.located(ArgumentError(f"{path} takes a {_kind_of(parameter)}, not none"))
            if edits:
                raise wrong_edit(edits, f"{path} is none, so there is nothing below it")
            return None
        if isinstance(value, Spec | Recorded):
            written = value.written if isinstance(value, Spec) else None
            if written is not None and (given.written is None or given.written.text != written.text):
                given = Given(value, given.path, written, given.source, given.given_at)
            node = self._named(slot.kind, value, given, path)
            arguments = self._arguments_of(value, node)
        else:
            with given:
                if isinstance(value, Factory):
                    return self._ready(value.node, slot.kind, path, edits)
                if isinstance(value, _LITERALS) or not (callable(value) or slot.built):
                    shown = format_value(value) if isinstance(value, _LITERALS) else repr(value)
                    names = _suggest.listed({entry.name for entry in self.registry.entries(slot.kind)})
                    raise ArgumentError(f"{path} takes a {slot.kind}, not {shown}; name one of: {names}")
                entry = self.registry.entry_of(slot.kind, value)
                if slot.built and entry is None:
                    if edits:
                        raise wrong_edit(edits, f"{path} is a finished object; give a spec there to edit it")
                    return value
                node = self._checked(Node(self.registry.kind(slot.kind), path, entry, value, signature(value)))
                arguments = {}
        node = self._filled(node, arguments, env, edits)
        missing = _missing(node) if slot.built else []
        if missing:
            raise given.located(ArgumentError(f"{node.name} needs {', '.join(missing)}", missing=missing))
        return node

    def _ready(self, node: Node, kind: str, path: str, edits: Edits) -> Node:
        if node.kind.name != kind:
            raise ArgumentError(f"{path} takes a {kind}, not a factory of {node.name}")
        if edits:
            raise wrong_edit(edits, f"{path} is a finished factory; give a spec there to edit it")
        return node


@frozen
class _Filler:
    """Fills a slot place by place."""

    resolver: Resolver
    parameter: Parameter
    env: Environment
    keeps_none: bool  # an inherited value does not fill a place whose default is none

    def fill(self, given: Given, template: Any, path: str, edits: Edits, *, inner: bool = False) -> Any:
        keeps_none = self.keeps_none
        if HERE in edits:  # of an item of a list
            given, edits, keeps_none = edits[HERE], deeper(edits), False
        with given:
            value = parse_value(given.value) if isinstance(given.value, str) else given.value
            takes_list = self.parameter.takes_list and not (inner and template is not MISSING)
            places = spread(value, template, takes_list, path, _kind_of(self.parameter))
        if places is None:
            if any(isinstance(key, int) for key in edits):
                raise wrong_edit(edits, f"{path} is not a list")
            if keeps_none and template is None:
                value = None
            if value is not given.value:
                given = given.with_value(value)
            return self.resolver.component(given, path, self.parameter, self.env, edits)
        if keeps_none and template is not MISSING and not template:
            return ()
        for key, edit in edits.items():
            if isinstance(key, int) and key >= len(places):
                raise wrong_edit(edit, f"{path} has {len(places)} items, numbered from 0")
        return tuple(
            self.fill(given.with_value(item), place, f"{path}[{i}]", of_item(edits, i) if edits else edits, inner=True)
            for i, (item, place) in enumerate(places)
        )


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def _kind_of(parameter: Parameter) -> str:
    return parameter.slot.kind if parameter.slot else "component"


def _missing(node: Node) -> list[str]:
    return [name for name in node.signature.required if name not in node.arguments]


def _plain(value: Any, annotation: Any, name: str) -> Any:
    """A literal from a spec's value: bare words become strings where strings are taken."""
    if isinstance(value, tuple):
        inner = item_annotation(annotation)
        return tuple(_plain(item, inner, name) for item in value)
    if isinstance(value, Recorded) or (isinstance(value, Spec) and (value.args or value.kind or value.dist)):
        raise ArgumentError(f"{name} takes {describe_annotation(annotation)}, not a component ({value})")
    if not isinstance(value, Spec):
        return built_in(value)
    if takes_word(annotation, value.name):
        return value.name
    words = choices(annotation)
    if words:
        raise ArgumentError(f"{name} is one of {', '.join(words)}, not {value.name}.{_suggest.near(value.name, words)}")
    msg = f"{value.name} is a bare word, and {name} takes {describe_annotation(annotation)}, not a component; quote it if it is a string"
    raise ArgumentError(msg)
