"""``build``, ``resolve``, ``freeze`` and the other functions that users call."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from ptv_registry import (
    _hooks,
    _lock,
    _pickling,  # noqa: F401 - says how plans are pickled
    _registry,
)
from ptv_registry._built import Built, difference, parts_of, remember, remembered
from ptv_registry._entries import Entry
from ptv_registry._factory import Factory, construct, counted
from ptv_registry._given import Given
from ptv_registry._parser import parse
from ptv_registry._plan import Argument, Plan, show
from ptv_registry._registry import Registry
from ptv_registry._resolve import Resolver
from ptv_registry._signature import MISSING, Parameter, describe_annotation, signature
from ptv_registry._spec import Spec, built_in
from ptv_registry.errors import ArgumentError, LockError, PlanRejectedError, UnfreezableError, UnknownNameError

_T = TypeVar("_T")
Buildable = str | Spec | Plan | Mapping[str, Any]


def resolve(
    spec: Buildable,
    /,
    *,
    kind: str = "model",
    set: Mapping[str, Any] | None = None,
    registry: Registry | None = None,
    strict: bool = False,
    foreign: bool = False,
    **args: Any,
) -> Plan:
    """Validate a spec and everything below it, and build nothing.

    Args:
        spec: a text, a :class:`Spec`, its JSON form, a :class:`Plan`, or a lock (its JSON text or data).
        kind: the kind of the outermost component, where the spec does not say it.
        set: edits by path, as in ``{"stem[1].norm": "group(num_groups=8)"}``.
        registry: where names are looked up, and whose plugins are asked, also by what components look up themselves while
            they are built; by default that of the plan if ``spec`` is one, of the build that this is part of, or the
            process's own.
        strict: for a lock: refuse to go on when what is installed differs from it.
        foreign: the spec or lock stood in a file that somebody else may have written. It must be of ``kind`` whatever it
            says itself, and a spec brings no options of the build, such as weights to download.
        **args: replace whole arguments of the outermost call.

    Raises:
        PtvError: of the subclass that fits; see :mod:`ptv_registry.errors`.
    """
    _check_own(set, registry, strict, foreign)
    args = {name: built_in(value) for name, value in args.items()}
    edits = {path: built_in(value) for path, value in (set or {}).items()}
    if isinstance(spec, Plan):
        return _changed(_trusted(spec, registry), args, edits)
    registry = registry or _registry.current()
    lock = _lock_in(spec)
    if lock is not None:
        plan = _lock.to_plan(lock, registry, strict=strict)
        if foreign and plan.kind != kind:
            raise LockError(f"the lock is of a {plan.kind} ({plan.root.name}), and a {kind} has to stand here")
        return _changed(plan, args, edits)
    parsed = parse(spec)
    if foreign and (parsed.kind or kind) != kind:
        raise ArgumentError(f"{parsed} names a {parsed.kind}, and a {kind} has to stand here")
    option_names = _hooks.option_names(evolve(parsed, kind=parsed.kind or kind), registry)
    options = _options(parsed, parsed.kind or kind, args, registry, option_names)
    if foreign and (brought := [name for name in options if name in parsed.args]):
        msg = f"{parsed} brings {', '.join(brought)}, which a spec out of a file may not; give it yourself"
        raise ArgumentError(msg)
    if options:
        args = {name: value for name, value in args.items() if name not in options}
        parsed = evolve(parsed, args={name: value for name, value in parsed.args.items() if name not in options})
    try:
        registry.kind(kind)
    except UnknownNameError as error:
        error.add_note(_HIDDEN.format(name="kind", component=parsed.name))
        raise
    if edits or strict or foreign:
        own = signature(registry.load(registry.find(parsed.kind or kind, parsed.name, parsed.dist))).parameters
        for name, given in (("set", edits), ("strict", strict), ("foreign", foreign)):
            if given and name in own:
                raise ArgumentError(_HIDDEN.format(name=name, component=parsed.name), argument=name)
    root = Resolver(registry, tuple(option_names)).root(parsed, parsed.kind or kind, args, edits)
    return Plan(root, parsed, args, edits, options, registry=registry)


_HIDDEN: Final = "{name}= of build() is its own; to give {component} an argument of this name, write it into the spec: {component}({name}=...)"


def _check_own(edits: Any, registry: Any, strict: Any, foreign: Any) -> None:
    """The arguments of ``build`` itself are not a component's of the same name."""
    for name, value, fits, wanted in (
        ("set", edits, edits is None or isinstance(edits, Mapping), "a mapping of paths to values"),
        ("registry", registry, registry is None or isinstance(registry, Registry), "a Registry"),
        ("strict", strict, isinstance(strict, bool), "true or false"),
        ("foreign", foreign, isinstance(foreign, bool), "true or false"),
    ):
        if not fits:
            msg = f"{name}= takes {wanted}, not {value!r}; " + _HIDDEN.format(name=name, component="the component")
            raise ArgumentError(msg.replace("the component(", "component("), argument=name)


def _options(
    spec: Spec, kind: str, args: Mapping[str, Any], registry: Registry, names: AbstractSet[str]
) -> dict[str, Any]:
    """The arguments that plugins answer for; one that the component itself takes stays the component's."""
    found = {name: value for name, value in {**spec.args, **args}.items() if name in names}
    if not found:
        return found
    own = signature(registry.load(registry.find(kind, spec.name, spec.dist))).parameters
    # A bare word (weights=kinetics400) is read as a spec, and options are JSON data.
    return {n: str(v) if isinstance(v, Spec) else v for n, v in found.items() if n not in own}


def _lock_in(spec: Any) -> dict[str, Any] | None:
    is_lock = (
        spec.lstrip().startswith("{") if isinstance(spec, str) else isinstance(spec, Mapping) and "ptv_lock" in spec
    )
    return _lock.read(spec) if is_lock else None


def _trusted(plan: Plan, registry: Registry | None) -> Plan:
    """The plan for another registry, which has to trust everything in it."""
    if registry is None or registry is plan.registry:
        return plan
    for node in plan.walk():
        if node.entry is not None:
            registry.check_trust(node.entry)
    return evolve(plan, registry=registry)


def _changed(plan: Plan, args: Mapping[str, Any], edits: Mapping[str, Any]) -> Plan:
    """A plan with further arguments: resolved again from its spec, or, of a lock, with plain arguments and options replaced."""
    if not args and not edits:
        return plan
    if not plan.root.locked:
        if plan.spec is None:
            raise ArgumentError("this plan holds no spec that arguments could be added to")
        given = {**plan.arguments, **plan.options, **args}
        return resolve(plan.spec, kind=plan.kind, set={**plan.edits, **edits}, registry=plan.registry, **given)
    registry, root = plan.registry or _registry.current(), plan.root
    names = _hooks.option_names(Spec(root.entry.name, kind=plan.kind), registry) if root.entry else frozenset()
    options = {name: args[name] for name in args if name in names and name not in root.signature.parameters}
    arguments = dict(root.arguments)
    for name in args.keys() - options.keys():
        parameter = root.signature.parameters.get(name)
        if parameter is None or parameter.slot is not None:
            raise _is_locked(plan, f"{name}= cannot change its parts")
        arguments[name] = Argument(
            Resolver(registry).literal(parameter, Given(args[name], name), root.name), "explicit"
        )
    if edits:
        raise _is_locked(plan, "set= cannot change it")
    return evolve(
        plan,
        root=evolve(root, arguments=arguments),
        arguments={**plan.arguments, **{name: args[name] for name in args if name not in options}},
        options={**plan.options, **options},
        # What was recorded of the options before says nothing about the new ones.
        records={} if options else plan.records,
        locked_options=plan.locked_options - options.keys(),
    )


def _is_locked(plan: Plan, what: str) -> ArgumentError:
    return ArgumentError(f"a lock is resolved already, so {what}; build from its spec instead: {plan.spec}")


def build(
    spec: Buildable,
    /,
    *,
    kind: str = "model",
    set: Mapping[str, Any] | None = None,
    registry: Registry | None = None,
    strict: bool = False,
    foreign: bool = False,
    **args: Any,
) -> Any:
    """The object that a spec, plan or lock describes; the arguments are those of :func:`resolve`.

    The object gets a plan of its own, see :func:`plan_of`: what plugins record of one build is not in another's.

    Raises:
        PtvError: of the subclass that fits; what a component raises by itself becomes a
            :class:`~ptv_registry.errors.ComponentError` that names its place and is what it was, a ``ValueError`` say.
    """
    plan = resolve(spec, kind=kind, set=set, registry=registry, strict=strict, foreign=foreign, **args)
    asked = plan.registry or _registry.current()
    objections = _hooks.check_plan(plan, asked)
    if objections:
        raise PlanRejectedError("the plan is refused: " + "; ".join(objections), objections=objections)
    plan = evolve(plan, records=copy.deepcopy(dict(plan.records)))
    with _registry.within(asked):
        with counted():
            built = construct(plan.root)
        remember(built, Built(plan))
        records = _hooks.after_build(built, plan, asked)
    remember(built, Built(evolve(plan, records={**plan.records, **records}) if records else plan, parts_of(built)))
    return built


def freeze(obj: Any, /) -> str:
    """The lock (JSON text) of something that :func:`build` made, or of a spec or plan.

    Raises:
        UnfreezableError: it was not made by ``build``, its modules were changed since (replaced, converted by
            ``convert_sync_batchnorm``, adapted), or it holds something that has no name. What :func:`torch.compile` wraps is
            frozen as what it wraps.
    """
    if isinstance(obj, Plan):
        return _lock.to_text(obj)
    if isinstance(obj, str | Spec | Mapping):
        return _lock.to_text(resolve(obj))
    built = remembered(obj)
    if built is None:
        raise UnfreezableError(f"this {type(obj).__name__} was not made by build()")
    if built.reason:
        raise UnfreezableError(built.reason)
    changed = difference(built.parts, parts_of(obj)) if built.parts else None
    if changed is not None:
        raise UnfreezableError(
            f"this {type(obj).__name__} was changed after it was built, and a lock would build it unchanged: {changed}"
        )
    return built.lock if built.plan is None else _lock.to_text(built.plan)


def plan_of(obj: Any, /) -> Plan | None:
    """The plan by which :func:`build` made an object, with what was recorded, or that of a :class:`Factory`.

    ``None`` if another made it, or if the object came out of a pickle, which has its lock only (:func:`freeze`).
    """
    if isinstance(obj, Factory):
        return Plan(obj.node)
    built = remembered(obj)
    return built.plan if built else None


def forget(obj: Any, reason: str) -> None:
    """Record that an object has diverged from its plan, so that :func:`freeze` refuses it for this reason."""
    remember(obj, Built(reason=reason))


def default_registry() -> Registry:
    """The registry of this process, which is used wherever none is given."""
    return _registry.default


def register(kind: str, name: str, *, replace: bool = False) -> Callable[[_T], _T]:
    """A decorator that names a component in this process; see :meth:`Registry.register`."""
    return _registry.default.register(kind, name, replace=replace)


def components(kind: str | None = None) -> list[Entry]:
    """What is installed, by kind and name; imports none of it."""
    return _registry.default.components(kind)


def as_factory(kind: str, value: Any, *, registry: Registry | None = None) -> Callable[..., Any] | None:
    """A factory for a component given by name or spec; callables and ``None`` are returned as they are.

    For components that are called without the kernel and whose documented argument is a name (``decoder="pyav"``).
    """
    if value is None or (callable(value) and not isinstance(value, str)):
        return value
    return Factory(Resolver(registry or _registry.current()).root(parse(value), kind, complete=False))


def call_hook(name: str, *, registry: Registry | None = None, **arguments: Any) -> Any:
    """Ask every plugin a question of :mod:`ptv_registry.hookspecs`; a list of answers, or the first where one is asked.

    Args:
        name: the hook.
        registry: whose plugins are asked, for instance one with ``trusted_dists``; by default the process's own.
        **arguments: those of the hook.
    """
    return _hooks.call(name, registry or _registry.current(), **arguments)


@frozen
class Description:
    """What ``ptv show`` prints: a component's origin, its first lines, and its parameters."""

    kind: str
    name: str
    origin: str
    value: str
    summary: str
    doc: str
    parameters: tuple[tuple[str, str, str], ...]
    """Name, what it takes, and its default as text (empty if required)."""
    options: tuple[str, ...] = ()
    """Arguments of a build that plugins answer for, such as ``weights``."""


def describe(name: str, *, registry: Registry | None = None) -> Description:
    """Explain ``kind:name`` (or a bare name that only one kind has); imports that component and no other.

    Raises:
        UnknownNameError, AmbiguousNameError, PluginLoadError: see :meth:`Registry.find`.
    """
    registry = registry or _registry.current()
    spec = parse(name)
    kinds = sorted({e.kind for e in registry.entries() if e.name == spec.name})
    if spec.kind is None and len(kinds) > 1:
        raise ArgumentError(
            f"{spec.name} is a name of several kinds; write {' or '.join(f'{k}:{spec.name}' for k in kinds)}"
        )
    entry = registry.find(spec.kind or (kinds[0] if kinds else "model"), spec.name, spec.dist)
    target = registry.load(entry)
    doc = inspect.cleandoc(getattr(target, "__doc__", None) or "")  # its own, not that of a base class
    return Description(
        entry.kind,
        entry.name,
        entry.origin,
        entry.value,
        doc.partition("\n")[0],
        doc,
        tuple(
            (
                p.name,
                describe_annotation(p.annotation),
                "" if p.default is MISSING else _default(p, p.default, registry),
            )
            for p in signature(target).parameters.values()
        ),
        tuple(sorted(_hooks.option_names(evolve(spec, kind=entry.kind), registry))),
    )


def _default(parameter: Parameter, value: Any, registry: Registry) -> str:
    """A default as it would stand in a spec; a callable by the name that its slot's kind has for it."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_default(parameter, item, registry) for item in value) + "]"
    entry = registry.entry_of(parameter.slot.kind, value) if parameter.slot and callable(value) else None
    return entry.name if entry else show(value)
