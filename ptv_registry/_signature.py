"""What the kernel reads from a component's signature: its parameters, their slots, and what values they take."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

from attrs import field, frozen

from ptv_registry._slots import Role, Slot
from ptv_registry.errors import ContractError

MISSING: Final = inspect.Parameter.empty
_Mark = TypeVar("_Mark")


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
            slots = list(_marks(annotation, Slot))
            slot = slots[0][0] if slots else None
            nested = any(inside for _, inside in slots)
            takes_list = slot is not None and (nested or slot.many or isinstance(parameter.default, list | tuple))
            role = next((role.name for role, inside in _marks(annotation, Role) if not inside), None)
            takes_none = parameter.default is None or _takes_none(annotation) or _holds_none(parameter.default)
            parameters[parameter.name] = Parameter(
                parameter.name, parameter.default, annotation, slot, takes_list, takes_none, role
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


def _is_list(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Sequence)


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The types that an annotation admits, each without what is annotated to it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, Union, types.UnionType):
        for arg in args[:1] if origin is Annotated else args:
            yield from _alternatives(arg)
    else:
        yield annotation


def _marks(annotation: Any, mark: type[_Mark], inside: bool = False) -> Iterator[tuple[_Mark, bool]]:
    """What is annotated to a parameter, and whether that stands inside a list or tuple."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        found = [extra for extra in annotation.__metadata__ if isinstance(extra, mark)]
        if found:
            yield found[0], inside
            return
        args = args[:1]
    elif _is_list(origin):
        inside = True
    elif origin not in (Union, types.UnionType):
        return
    for arg in args:
        yield from _marks(arg, mark, inside)


def _takes_none(annotation: Any) -> bool:
    return any(
        each in (Any, object, None, type(None))
        or (_is_list(get_origin(each)) and any(map(_takes_none, get_args(each))))
        for each in _alternatives(annotation)
    )


def _holds_none(default: Any) -> bool:
    return isinstance(default, list | tuple) and any(item is None or _holds_none(item) for item in default)


def takes(annotation: Any, value: Any) -> bool:
    """Whether a literal fits an annotation; anything the check does not know counts as fitting."""
    return any(_takes(each, value) for each in _alternatives(annotation))


def _takes(annotation: Any, value: Any) -> bool:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return any(type(value) is type(arg) and value == arg for arg in args)
    if annotation is None or annotation is type(None):
        return value is None
    if annotation in (int, float):
        return isinstance(value, int | annotation) and not isinstance(value, bool)
    if annotation in (bool, str):
        return isinstance(value, annotation)
    if annotation not in (tuple, list) and not _is_list(origin):
        return True
    if not isinstance(value, tuple | list):
        return False
    if origin is tuple and args and args[-1] is not Ellipsis and len(args) > 1:
        return len(args) == len(value) and all(map(takes, args, value))
    return all(takes(args[0], item) for item in value) if args else True


def takes_word(annotation: Any, word: str) -> bool:
    """Whether an annotation asks for text, so that a word needs no quotes."""
    return any(
        each is str or (get_origin(each) is Literal and word in get_args(each)) for each in _alternatives(annotation)
    )


def item_annotation(annotation: Any) -> Any:
    """What the items of a list are, by the list's annotation; ``Any`` where it does not say."""
    lists = (get_args(each) for each in _alternatives(annotation) if _is_list(get_origin(each)))
    items = tuple(arg for args in lists for arg in args if arg is not Ellipsis)
    return Union[items] if items else Any  # noqa: UP007 - of a list that is known at run time only


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
