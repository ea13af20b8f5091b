"""What the kernel reads from a component's signature: its parameters, their slots, and what values they take."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

from attrs import field, frozen

from ptv_registry._slots import Role, Slot
from ptv_registry.errors import ContractError

MISSING: Final = inspect.Parameter.empty


@frozen
class Parameter:
    """One parameter of a component.

    Attributes:
        default: its default, or ``MISSING``.
        annotation: its resolved annotation, or ``Any``.
        slot: how it takes another component, if it does.
        takes_list: a list of components is a value for it.
        takes_none: ``none`` is a value for it, meaning that the part is left out.
        role: what it stands for, if its annotation says so; see :class:`ptv_registry.Role`.
    """

    name: str
    default: Any
    annotation: Any
    slot: Slot | None
    takes_list: bool
    takes_none: bool
    role: str | None = None


@frozen
class Signature:
    """The parameters of a component in order."""

    parameters: Mapping[str, Parameter]
    positional: tuple[str, ...]
    required: tuple[str, ...]
    takes_any: bool  # **kwargs: only in callables that are not our components
    required_names: frozenset[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "required_names", frozenset(self.required))

    def accepts(self, name: str) -> bool:
        """Whether the component can be called with this keyword."""
        return self.takes_any or name in self.parameters


_cache: WeakKeyDictionary[Any, Signature] = WeakKeyDictionary()


def signature(target: Callable[..., Any]) -> Signature:
    """The signature of a component, read once per callable.

    Raises:
        ContractError: it has none, or its annotations name what cannot be found.
    """
    try:
        found = _cache.get(target)
    except TypeError:  # a callable that no dictionary can hold
        return _read(target)
    if found is None:
        found = _cache[target] = _read(target)
    return found


def _read(target: Callable[..., Any]) -> Signature:
    name = getattr(target, "__qualname__", repr(target))
    try:
        raw = inspect.signature(target)
    except (TypeError, ValueError) as error:
        raise ContractError(f"{name} has no signature that can be read: {error}") from error
    hints = _hints(target, name)
    parameters, positional, takes_any = {}, [], False
    for parameter in raw.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            takes_any = True
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            annotation = hints.get(parameter.name, Any)
            annotation = getattr(annotation, "__value__", annotation)  # of a ``type`` statement
            slot, nested = _slot_of(annotation)
            takes_list = slot is not None and (nested or slot.many or isinstance(parameter.default, list | tuple))
            takes_none = parameter.default is None or _takes_none(annotation) or _holds_none(parameter.default)
            parameters[parameter.name] = Parameter(
                parameter.name, parameter.default, annotation, slot, takes_list, takes_none, _role_of(annotation)
            )
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
                positional.append(parameter.name)
    if takes_any and not parameters and isinstance(target, type) and "__init__" not in vars(target):
        takes_any = False  # the (*args, **kwargs) of nn.Module, which takes nothing
    required = tuple(name for name, parameter in parameters.items() if parameter.default is MISSING)
    return Signature(parameters, tuple(positional), required, takes_any)


def _hints(target: Callable[..., Any], name: str) -> dict[str, Any]:
    function: Any = target.func if isinstance(target, partial) else target
    if isinstance(function, type):
        function = function.__init__ if function.__init__ is not object.__init__ else function.__new__  # type: ignore[misc]
    elif not isinstance(function, types.FunctionType | types.MethodType | types.BuiltinFunctionType):
        function = type(function).__call__
    try:
        return get_type_hints(function, include_extras=True)
    except Exception as error:  # whatever evaluating an annotation raises
        if not any("Slot" in str(a) or isinstance(a, str) for a in getattr(function, "__annotations__", {}).values()):
            return {}
        msg = f"the annotations of {name} do not resolve ({error}); import what they name at run time, not under TYPE_CHECKING"
        raise ContractError(msg) from error


def _slot_of(annotation: Any) -> tuple[Slot | None, bool]:
    """The slot in an annotation, and whether it stands inside a list or tuple."""
    origin = get_origin(annotation)
    if origin is Annotated:
        for extra in annotation.__metadata__:
            if isinstance(extra, Slot):
                return extra, False
        return _slot_of(get_args(annotation)[0])
    nested = isinstance(origin, type) and issubclass(origin, Sequence)
    if nested or origin in (Union, types.UnionType):
        found = [(slot, nested or inner) for slot, inner in map(_slot_of, get_args(annotation)) if slot]
        if found:
            return found[0][0], any(inner for _, inner in found)
    return None, False


def _role_of(annotation: Any) -> str | None:
    """The role that an annotation gives the whole parameter, not one item of a list."""
    origin = get_origin(annotation)
    if origin is Annotated:
        named = (extra.name for extra in annotation.__metadata__ if isinstance(extra, Role))
        return next(named, None) or _role_of(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return next(filter(None, map(_role_of, get_args(annotation))), None)
    return None


def _takes_none(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated or origin in (Union, types.UnionType):
        return any(_takes_none(arg) for arg in get_args(annotation)[: 1 if origin is Annotated else None])
    if isinstance(origin, type) and issubclass(origin, Sequence) and not issubclass(origin, str):
        return any(_takes_none(arg) for arg in get_args(annotation))
    return annotation in (Any, object, None, type(None))


def _holds_none(default: Any) -> bool:
    return isinstance(default, list | tuple) and any(item is None or _holds_none(item) for item in default)


def takes(annotation: Any, value: Any) -> bool:
    """Whether a literal fits an annotation; anything the check does not know counts as fitting."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return takes(args[0], value)
    if origin in (Union, types.UnionType):
        return any(takes(arg, value) for arg in args)
    if origin is Literal:
        return any(type(value) is type(arg) and value == arg for arg in args)
    if annotation is None or annotation is type(None):
        return value is None
    if annotation is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if annotation in (bool, str):
        return isinstance(value, annotation)
    if annotation in (tuple, list):
        return isinstance(value, tuple | list)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _takes_list(origin, args, value)
    return True


def _takes_list(origin: type, args: tuple[Any, ...], value: Any) -> bool:
    if not isinstance(value, tuple | list):
        return False
    if origin is tuple and args and args[-1] is not Ellipsis and len(args) > 1:
        return len(args) == len(value) and all(map(takes, args, value))
    return all(takes(args[0], item) for item in value) if args else True


def takes_word(annotation: Any, word: str) -> bool:
    """Whether an annotation asks for text, so that a word needs no quotes."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return word in args
    if origin is Annotated or origin in (Union, types.UnionType):
        return any(takes_word(arg, word) for arg in (args[:1] if origin is Annotated else args))
    return annotation is str


def item_annotation(annotation: Any) -> Any:
    """What the items of a list are, by the list's annotation; ``Any`` where it does not say."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return item_annotation(args[0])
    if origin in (Union, types.UnionType):
        inner = [found for found in map(item_annotation, args) if found is not Any]
    elif isinstance(origin, type) and issubclass(origin, Sequence):
        inner = [arg for arg in args if arg is not Ellipsis]
    else:
        inner = []
    return Union[tuple(inner)] if inner else Any  # noqa: UP007 - of a list that is known at run time only


def describe_annotation(annotation: Any) -> str:
    """An annotation as a person would write it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kinds = (extra.kind for extra in annotation.__metadata__ if isinstance(extra, Slot))
        return next((f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in kinds), describe_annotation(args[0]))
    if origin in (Union, types.UnionType):
        return " or ".join(describe_annotation(arg) for arg in args)
    if origin is Literal:
        return " or ".join(map(str, args))
    if annotation is type(None):
        return "none"
    if args and isinstance(origin, type):
        inside = ", ".join("..." if arg is Ellipsis else describe_annotation(arg) for arg in args)
        return f"{origin.__name__}[{inside}]"
    return getattr(annotation, "__name__", str(annotation))


def choices(annotation: Any) -> list[str]:
    """The words that a ``Literal`` in an annotation admits."""
    if get_origin(annotation) is Literal:
        return [str(arg) for arg in get_args(annotation)]
    return [word for arg in get_args(annotation) for word in choices(arg)]
