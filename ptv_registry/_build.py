"""``build``, ``resolve``, ``freeze`` and the other functions that users call."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from ptv_registry import _hooks, _lock, _registry
from ptv_registry._factory import Factory, construct, counted
from ptv_registry._located import Given
from ptv_registry._parser import parse
from ptv_registry._parts import difference, parts_of
from ptv_registry._plan import Argument, Plan, show
from ptv_registry._registry import Component, Registry
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
        registry: where names are looked up; by default the process's own.
        strict: for a lock: refuse to go on when what is installed differs from it.
        foreign: the spec or lock stood in a file that somebody else may have written. It must be of ``kind`` whatever it
            says itself, and a spec brings no options of the build, such as weights to download.
        **args: replace whole arguments of the outermost call.

    Raises:
        PtvError: of the subclass that fits; see :mod:`ptv_registry.errors`.
    """
    _check_own(set, registry, strict, foreign)
    registry = registry or _registry.default
    args = {name: built_in(value) for name, value in args.items()}
    edits = {path: built_in(value) for path, value in (set or {}).items()}
    lock = _lock_in(spec)
    if lock is not None:
        plan = _lock.to_plan(lock, registry, strict=strict)
        if foreign and plan.kind != kind:
            raise LockError(f"the lock is of a {plan.kind} ({plan.root.name}), and a {kind} has to stand here")
        return _with_arguments(plan, args, edits, registry)
    if isinstance(spec, Plan):
        if not args and not edits:
            return spec
        if spec.root.locked:
            copy = evolve(spec, root=evolve(spec.root, arguments=dict(spec.root.arguments)))
            return _with_arguments(copy, args, edits, registry)
        if spec.spec is None:
            raise ArgumentError("this plan holds no spec that arguments could be added to")
        return resolve(
            spec.spec,
            kind=spec.kind,
            set={**spec.edits, **edits},
            registry=registry,
            **{**spec.arguments, **spec.options, **args},
        )
    parsed = parse(spec)
    if foreign and (parsed.kind or kind) != kind:
        raise ArgumentError(f"{parsed} names a {parsed.kind}, and a {kind} has to stand here")
    of_kind = evolve(parsed, kind=parsed.kind or kind)
    option_names = _hooks.option_names(of_kind, registry)
    options = _options(of_kind, args, registry, option_names)
    if foreign and (brought := [name for name in options if name in parsed.args]):
        msg = f"{parsed} brings {', '.join(brought)}, which a spec out of a file may not; give it yourself"
        raise ArgumentError(msg)
    if options:
        args = {name: value for name, value in args.items() if name not in options}
        parsed = Spec(
            parsed.name,
            {k: v for k, v in parsed.args.items() if k not in options},
            parsed.kind,
            parsed.dist,
            parsed.written,
        )
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
    return Plan(root, parsed, args, edits, options)


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


def _options(spec: Spec, args: Mapping[str, Any], registry: Registry, names: AbstractSet[str]) -> dict[str, Any]:
    """The arguments that plugins answer for; one that the component itself takes stays the component's."""
    found = {name: value for name, value in {**spec.args, **args}.items() if name in names}
    if not found:
        return found
    own = signature(registry.load(registry.find(spec.kind or "model", spec.name, spec.dist))).parameters
    # A bare word (weights=kinetics400) is read as a spec, and options are JSON data.
    return {n: str(v) if isinstance(v, Spec) else v for n, v in found.items() if n not in own}


def _lock_in(spec: Any) -> dict[str, Any] | None:
    if isinstance(spec, str) and spec.lstrip().startswith("{"):
        return _lock.read(spec)
    return _lock.read(spec) if isinstance(spec, Mapping) and "ptv_lock" in spec else None


def _with_arguments(plan: Plan, args: Mapping[str, Any], edits: Mapping[str, Any], registry: Registry) -> Plan:
    """A lock's plan with options and plain arguments of the outermost call replaced."""
    names: AbstractSet[str] = frozenset()
    if args and plan.root.entry:
        names = _hooks.option_names(Spec(plan.root.entry.name, kind=plan.kind), registry)
    names = names - plan.root.signature.parameters.keys()
    options = {name: value for name, value in args.items() if name in names}
    if options:
        # What was recorded of the options before says nothing about the new ones.
        plan.options, plan.records = {**plan.options, **options}, {}
        plan.locked_options -= options.keys()
        args = {name: value for name, value in args.items() if name not in options}
    for name, value in args.items():
        parameter = plan.root.signature.parameters.get(name)
        if parameter is None or parameter.slot is not None:
            msg = f"a lock is resolved already, so {name}= cannot change its parts; build from its spec instead: {plan.spec}"
            raise ArgumentError(msg)
        literal = Resolver(registry)._literal(parameter, Given(value, name), plan.root.name)
        plan.root.arguments[name] = Argument(literal, "explicit")
    if edits:
        raise ArgumentError(
            f"a lock is resolved already, so set= cannot change it; build from its spec instead: {plan.spec}"
        )
    plan.arguments = {**plan.arguments, **args}
    return plan


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

    Raises:
        PtvError: of the subclass that fits; what a component raises by itself becomes a
            :class:`~ptv_registry.errors.ComponentError` that names its place and is what it was, a ``ValueError`` say.
    """
    plan = resolve(spec, kind=kind, set=set, registry=registry, strict=strict, foreign=foreign, **args)
    objections = _hooks.check_plan(plan, registry or _registry.default)
    if objections:
        raise PlanRejectedError("the plan is refused: " + "; ".join(objections), objections=objections)
    plan = evolve(plan, records=dict(plan.records))  # one of its own: a plan may be built several times
    with counted():
        built = construct(plan.root)
    _remember(built, plan)
    plan.records.update(_hooks.after_build(built, plan, registry or _registry.default))
    plan.parts = parts_of(built)
    return built


def _remember(built: Any, plan: Plan) -> None:
    # A function or class is shared by all who import it, so it cannot carry the plan of one call.
    if isinstance(built, type | types.FunctionType | types.BuiltinFunctionType | types.ModuleType):
        return
    try:
        object.__setattr__(built, _lock.ATTRIBUTE, plan)
    except (AttributeError, TypeError):
        return


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
    plan = getattr(obj, _lock.ATTRIBUTE, None)
    if not isinstance(plan, Plan | _lock.Unpickled):
        raise UnfreezableError(f"this {type(obj).__name__} was not made by build()")
    if isinstance(plan, _lock.Unpickled) and not plan.lock:
        raise UnfreezableError(plan.reason)
    changed = difference(plan.parts, parts_of(obj)) if plan.parts else None
    if changed is not None:
        raise UnfreezableError(
            f"this {type(obj).__name__} was changed after it was built, and a lock would build it unchanged: {changed}"
        )
    return plan.lock if isinstance(plan, _lock.Unpickled) else _lock.to_text(plan)


def plan_of(obj: Any, /) -> Plan | None:
    """The plan by which :func:`build` made an object, with what was recorded; ``None`` if another made it."""
    plan = getattr(obj, _lock.ATTRIBUTE, None)
    return plan if isinstance(plan, Plan) else None


def register(kind: str, name: str, *, replace: bool = False) -> Callable[[_T], _T]:
    """A decorator that names a component in this process; see :meth:`Registry.register`."""
    return _registry.default.register(kind, name, replace=replace)


def components(kind: str | None = None) -> list[Component]:
    """What is installed, by kind and name; imports none of it."""
    return _registry.default.components(kind)


def as_factory(kind: str, value: Any, *, registry: Registry | None = None) -> Callable[..., Any] | None:
    """A factory for a component given by name or spec; callables and ``None`` are returned as they are.

    For components that are called without the kernel and whose documented argument is a name (``decoder="pyav"``).
    """
    if value is None or (callable(value) and not isinstance(value, str)):
        return value
    resolver = Resolver(registry or _registry.default)
    spec = parse(value)
    node = resolver._named(kind, spec, Given(spec, "", spec.written))
    resolver._fill(node, resolver._arguments_of(spec, ""), {}, ())
    return Factory(node)


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


def forget(obj: Any, reason: str) -> None:
    """Say that an object is no longer what its plan says, so that :func:`freeze` refuses it for this reason."""
    object.__setattr__(obj, _lock.ATTRIBUTE, _lock.Unpickled("", reason))


def describe(name: str, *, registry: Registry | None = None) -> Description:
    """Explain ``kind:name`` (or a bare name that only one kind has); imports that component and no other.

    Raises:
        UnknownNameError, AmbiguousNameError, PluginLoadError: see :meth:`Registry.find`.
    """
    registry = registry or _registry.default
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
        _described(target, registry),
        tuple(sorted(_hooks.option_names(evolve(spec, kind=entry.kind), registry))),
    )


def _described(target: Any, registry: Registry) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (p.name, describe_annotation(p.annotation), "" if p.default is MISSING else _default(p, p.default, registry))
        for p in signature(target).parameters.values()
    )


def _default(parameter: Parameter, value: Any, registry: Registry) -> str:
    """A default as it would stand in a spec; a callable by the name that its slot's kind has for it."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_default(parameter, item, registry) for item in value) + "]"
    entry = registry.entry_of(parameter.slot.kind, value) if parameter.slot and callable(value) else None
    return entry.name if entry else show(value)


def call_hook(name: str, **arguments: Any) -> Any:
    """Ask every plugin a question of :mod:`ptv_registry.hookspecs`; a list of answers, or the first where one is asked."""
    return _hooks.call(name, **arguments)
