"""From a spec to a :class:`Plan`: look names up, fill slots, hand inherited arguments down, check contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field, frozen

from ptv_registry import _suggest
from ptv_registry._edits import Edit, parse_edits
from ptv_registry._located import Given, Located, located
from ptv_registry._parser import parse_value
from ptv_registry._plan import Argument, Node, Opaque, Source
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
from ptv_registry.errors import ArgumentError, ContractError, PtvError

_LITERALS: Final = (bool, int, float, str, tuple, list)


@define(eq=False)
class Inherited:
    """An argument named after a kind, on its way down."""

    given: Given
    used: bool = False


Environment = Mapping[str, Inherited]


@frozen
class Resolver:
    """Resolves one spec; the registry is the only thing it shares with others."""

    registry: Registry
    options: tuple[str, ...] = ()  # names that plugins answer for, to suggest them
    _kinds: dict[str, str] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._kinds.update(self.registry.kinds())

    def root(self, spec: Spec, kind: str, args: Mapping[str, Any], edits: Mapping[str, Any]) -> Node:
        """The tree of a spec with the keyword arguments and ``set=`` of :func:`build`."""
        given = Given(spec, "", spec.written)
        node = self._named(kind, spec, given)
        own = {name: Given(value, name) for name, value in args.items()}
        self._fill(node, self._arguments_of(spec, "") | own, {}, parse_edits(edits))
        missing = _missing(node)
        if missing:
            raise ArgumentError(f"{node.name} needs {', '.join(missing)}", path="", missing=missing)
        return node

    # One node

    def _named(self, kind: str, spec: Spec, given: Given, path: str = "") -> Node:
        with Located(given):
            if spec.kind and spec.kind != kind:
                raise ArgumentError(f"{spec} names a {spec.kind}, and this place takes a {kind}")
            entry = self.registry.find(kind, spec.name, spec.dist)
            target = self.registry.load(entry)
            return self._checked(Node(self.registry.kind(kind), path, entry, target, signature(target)))

    def _checked(self, node: Node) -> Node:
        lacking = [name for name in node.kind.requires if not node.signature.accepts(name)]
        if lacking:
            origin = f" of {node.entry.origin}" if node.entry else ""
            msg = (
                f"{node.name}{origin} does not take {', '.join(lacking)}, which every call site of a {node.kind.name} "
                "passes; it cannot stand here"
            )
            raise ContractError(msg)
        return node

    def _ready(self, node: Node, kind: str, path: str, edits: Sequence[Edit]) -> Node:
        if node.kind.name != kind:
            raise ArgumentError(f"{path} takes a {kind}, not a factory of {node.name}")
        if edits:
            raise ArgumentError(f"set={edits[0].text!r}: {path} is a finished factory; give a spec there to edit it")
        return node

    def _arguments_of(self, spec: Spec, path: str) -> dict[str, Given]:
        written = spec.written
        return {
            name: Given(value, _join(path, name), written.at(name) if written else None)
            for name, value in spec.args.items()
        }

    def _fill(self, node: Node, given: Mapping[str, Given], env: Environment, edits: Sequence[Edit]) -> None:
        parameters = node.signature.parameters
        if node.path.count(".") > MAX_DEPTH:
            raise ArgumentError(f"{node.path}: components nested more than {MAX_DEPTH} deep")
        by_kind: dict[str, Inherited] = {}
        below = dict(env)
        # What is set as a whole is as good as written at the node; what is left goes to its parts.
        whole = {e.name: Given(e.value, f"set[{e.text!r}]") for e in edits if not e.indices and not e.rest}
        given, edits = {**given, **whole}, [e for e in edits if e.indices or e.rest]
        for name, value in given.items():
            slot = parameters[name].slot if name in parameters else None
            if name not in parameters and not node.signature.takes_any:
                if name not in self._kinds:
                    raise self._unknown_argument(node, name, value)
                by_kind[name] = below[name] = Inherited(value)
            elif slot is not None and slot.kind == name:
                below[name] = Inherited(value, used=True)
        edits_of = self._edits_of(node, edits)
        for parameter in parameters.values():
            argument = self._argument(
                node, parameter, given.get(parameter.name), by_kind, env, below, edits_of.get(parameter.name, ())
            )
            if argument is not None:
                node.arguments[parameter.name] = argument
        if node.signature.takes_any:
            for name in given.keys() - parameters.keys():
                node.arguments[name] = Argument(self._literal(None, given[name], name), "explicit")
        for kind, inherited in by_kind.items():
            if not inherited.used:
                with Located(inherited.given):
                    msg = (
                        f"{kind}= reaches nothing: {node.name} has no parameter of that name, and no {kind} slot in it "
                        "or below it takes one that was not given its own"
                    )
                    raise ArgumentError(msg)

    def _unknown_argument(self, node: Node, name: str, given: Given) -> PtvError:
        names = list(node.signature.parameters)
        msg = f"{node.name} takes no argument {name!r}.{_suggest.near(name, [*names, *self._kinds, *(() if node.path else self.options)])} It takes {_suggest.listed(names, 60)}"
        error = ArgumentError(msg, argument=name)
        return located(error, given)

    def _argument(
        self,
        node: Node,
        parameter: Parameter,
        given: Given | None,
        by_kind: Mapping[str, Inherited],
        env: Environment,
        below: Environment,
        edits: Sequence[Edit],
    ) -> Argument | None:
        """The argument of one parameter, or ``None`` if it is the call site's to pass."""
        path = _join(node.path, parameter.name)
        slot, default = parameter.slot, parameter.default
        if slot is None:
            if given is not None:
                return Argument(self._literal(parameter, given, node.name), "explicit")
            return None if default is MISSING else Argument(default, "default")
        source: Source = "explicit"
        given_at = ""
        if given is None:
            inherited = by_kind.get(slot.kind)
            if inherited is None and slot.kind in env:
                inherited, source = env[slot.kind], "inherited"
            if inherited is not None and default is not None:
                given, given_at = inherited.given, inherited.given.path or slot.kind
                inherited.used = True
            else:
                source = "default"
        if edits:
            source = "explicit"
        filler = _Filler(self, parameter, {k: v for k, v in below.items() if k != slot.kind}, bool(given_at))
        if given is not None:
            with Located(given):
                value = self._parsed(given)
        elif default is MISSING:
            if edits:
                raise ArgumentError(f"set={edits[0].text!r}: {path} is passed by the component above; edit it there")
            return None
        else:
            value = default
        return Argument(filler.fill(value, default, path, given, edits), source, True, slot.built, given_at)

    def _parsed(self, given: Given) -> Any:
        return parse_value(given.value) if isinstance(given.value, str) else given.value

    def _literal(self, parameter: Parameter | None, given: Given, owner: str) -> Any:
        annotation = parameter.annotation if parameter else Any
        name = parameter.name if parameter else given.path
        with Located(given):
            value = _plain(given.value, annotation, name)
            if (value is None or isinstance(value, _LITERALS)) and not takes(annotation, value):
                if value is None and parameter is not None and parameter.default is None:
                    return None
                if value is None and "none" in choices(annotation):
                    return "none"  # the word, as in reduction=none, where "no such thing" is no choice
                msg = f"{name} of {owner} takes {describe_annotation(annotation)}, not {format_value(value)}"
                raise ArgumentError(msg + (_suggest.near(value, choices(annotation)) if isinstance(value, str) else ""))
        return value

    def _edits_of(self, node: Node, edits: Sequence[Edit]) -> dict[str, list[Edit]]:
        out: dict[str, list[Edit]] = {}
        for edit in edits:
            name = edit.name
            if name not in node.signature.parameters:
                slots = [p.name for p in node.signature.parameters.values() if p.slot and p.slot.kind == name]
                if len(slots) != 1:
                    where = node.path or node.name
                    known = slots or node.signature.parameters
                    msg = f"set={edit.text!r}: {where} has no argument {name!r}.{_suggest.near(name, known)} It has {_suggest.listed(known, 60)}"
                    raise ArgumentError(msg)
                name = slots[0]
            slot = node.signature.parameters[name].slot
            if slot is None and (edit.rest or edit.indices):
                raise ArgumentError(f"set={edit.text!r}: {_join(node.path, name)} is no component that has parts")
            out.setdefault(name, []).append(edit)
        return out

    def component(
        self, value: Any, given: Given, path: str, parameter: Parameter, env: Environment, edits: Sequence[Edit]
    ) -> Any:
        """What one component given to a slot means: a node, ``None`` or an opaque object."""
        slot = parameter.slot
        if value is None or slot is None:
            if not parameter.takes_none:
                raise located(ArgumentError(f"{path} takes a {self._kind_of(parameter)}, not none"), given)
            if edits:
                raise ArgumentError(f"set={edits[0].text!r}: {path} is none, so there is nothing below it")
            return None
        with Located(given):
            if isinstance(value, str):
                value = parse_value(value)
                if value is not None and not isinstance(value, Spec):
                    raise ArgumentError(f"{path} takes a {slot.kind}, not {format_value(value)}")
                if value is None:
                    return self.component(value, given, path, parameter, env, edits)
            node = getattr(value, "__ptv_node__", None)
            if isinstance(node, Node):
                return self._ready(node, slot.kind, path, edits)
            if isinstance(value, Spec):
                if value.written is not None and (given.written is None or given.written.text != value.written.text):
                    given = evolve(given, written=value.written)
                node = self._named(slot.kind, value, given, path)
                arguments = self._arguments_of(value, path)
            elif isinstance(value, bool | int | float) or (not callable(value) and not slot.built):
                raise ArgumentError(f"{path} takes a {slot.kind}, not {value!r}; name one of: {self._names(slot.kind)}")
            else:
                entry = self.registry.entry_of(slot.kind, value)
                if slot.built and entry is None:
                    return Opaque(value)
                node = self._checked(Node(self.registry.kind(slot.kind), path, entry, value, signature(value)))
                arguments = {}
        self._fill(node, arguments, env, edits)
        missing = _missing(node) if slot.built else []
        if missing:
            raise located(ArgumentError(f"{node.name} needs {', '.join(missing)}", missing=missing), given)
        return node

    def _kind_of(self, parameter: Parameter) -> str:
        return parameter.slot.kind if parameter.slot else "component"

    def _names(self, kind: str) -> str:
        return _suggest.listed({entry.name for entry in self.registry.entries(kind)})


@frozen
class _Filler:
    """Spreads one value over a slot that takes a list, or matches list with list."""

    resolver: Resolver
    parameter: Parameter
    env: Environment
    keeps_none: bool  # an inherited value does not fill a place whose default is none

    def fill(self, value: Any, template: Any, path: str, given: Given | None, edits: Sequence[Edit]) -> Any:
        whole = [edit for edit in edits if not edit.indices and not edit.rest]
        if whole:  # of an item of a list
            given = Given(whole[-1].value, f"set[{whole[-1].text!r}]")
            value = self.resolver._parsed(given)
            edits = [edit for edit in edits if edit.indices or edit.rest]
        source = given or Given(value, path)
        is_list, wanted = isinstance(value, tuple | list), isinstance(template, tuple | list)
        if wanted and not template:  # no such parts, unless it is named itself: then any number of them
            if self.keeps_none:
                return ()
            value, is_list, wanted = value if is_list else (value,), True, False
        if is_list or wanted:
            if is_list and not wanted and not self.parameter.takes_list:
                raise located(
                    ArgumentError(
                        f"{path} takes one {self.resolver._kind_of(self.parameter)}, not a list of {len(value)}"
                    ),
                    source,
                )
            if is_list and wanted and len(value) != len(template):
                msg = f"{path} takes one {self.resolver._kind_of(self.parameter)} or a list of {len(template)}, not a list of {len(value)}"
                raise located(ArgumentError(msg), source)
            count = len(template) if wanted else len(value)
            for edit in edits:
                if edit.indices and edit.indices[0] >= count:
                    raise ArgumentError(f"set={edit.text!r}: {path} has {count} items, numbered from 0")
            return tuple(
                self.fill(
                    value[i] if is_list else value,
                    template[i] if wanted else MISSING,
                    f"{path}[{i}]",
                    given,
                    [evolve(e, indices=e.indices[1:]) for e in edits if not e.indices or e.indices[0] == i],
                )
                for i in range(count)
            )
        if any(edit.indices for edit in edits):
            raise ArgumentError(f"set={edits[0].text!r}: {path} is no list")
        if self.keeps_none and template is None:
            value = None
        inner = [edit.below() for edit in edits]
        return self.resolver.component(value, source, path, self.parameter, self.env, inner)


def _missing(node: Node) -> list[str]:
    return [name for name in node.signature.required if name not in node.arguments]


def _plain(value: Any, annotation: Any, name: str) -> Any:
    """A literal from a spec's value: bare words become strings where strings are taken."""
    if isinstance(value, tuple):
        return tuple(_plain(item, item_annotation(annotation), name) for item in value)
    if not isinstance(value, Spec):
        return built_in(value)
    if value.args or value.kind or value.dist:
        raise ArgumentError(f"{name} takes {describe_annotation(annotation)}, not a component ({value})")
    if takes_word(annotation, value.name):
        return value.name
    words = choices(annotation)
    if words:
        raise ArgumentError(f"{name} is one of {', '.join(words)}, not {value.name}.{_suggest.near(value.name, words)}")
    msg = f"{value.name} is a bare word, and {name} takes {describe_annotation(annotation)}, no component; quote it if it is a string"
    raise ArgumentError(msg)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
