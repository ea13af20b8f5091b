"""Which user-defined functions, such as ``lambda x: x / 255.0``, treat every element alone, so that a frame is enough.

A function is called once, with something in the place of the clip that only takes note of what is done to it, and with
nothing around it but numbers, torch's elementwise functions and functions that are such themselves. If it asks for anything
else (a shape, a tensor, chance, another function), nothing is known about it. What is done must be exact in every order of the
elements: sums, products, quotients, roots, comparisons, rounding and conversions are; ``exp`` and the like are not, for
their last bit depends on the place of an element in memory.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from attrs import frozen

#: Those whose result lies in new memory, by the number of what they take.
_TO_NEW: Final = {
    **dict.fromkeys(("neg", "negative", "abs", "absolute", "square", "sqrt", "reciprocal"), (1,)),
    **dict.fromkeys(("add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide"), (2,)),
    **dict.fromkeys(("clamp", "clip"), (2, 3)),
    **dict.fromkeys(("clamp_min", "clamp_max", "pow"), (2,)),
}
_OTHERS: Final = {
    **dict.fromkeys(("round", "floor", "ceil", "trunc"), (1,)),
    **dict.fromkeys(
        ("minimum", "maximum", "gt", "greater", "ge", "greater_equal", "lt", "less", "le", "less_equal"), (2,)
    ),
    **dict.fromkeys(("eq", "ne", "not_equal"), (2,)),
    "where": (3,),
}
_FUNCTIONS: Final = {**_TO_NEW, **_OTHERS}
# Conversions to whole numbers are none of these: what they make of values out of range is not the same everywhere.
_CONVERSIONS: Final = {**dict.fromkeys(("float", "double", "half", "bfloat16"), (1,)), "to": (2,), "type": (2,)}
_DTYPES: Final = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_NAMES: Final = ("min", "max", "other", "exponent", "dtype")  # of arguments
_EXPONENTS: Final = (1, 2, 3, 0.5)
_NUMBERS: Final = (int, float, bool)
_BUILTINS: Final = ("abs", "float", "int", "pow", "range")


class _UnknownError(Exception):
    """The function asks for something about which nothing is known."""


@frozen
class Elementwise:
    """What is known about a function that treats every element alone.

    Attributes:
        fresh: what it returns lies in memory of its own.
    """

    fresh: bool


def elementwise(function: Any) -> Elementwise | None:
    """What is known about a function of a clip; ``None`` if it may not treat every element alone, without chance.

    Args:
        function: any callable. Functions and lambdas of Python, torch's functions and methods, and
            ``functools.partial`` of these with numbers are looked into.
    """
    world = _World()
    try:
        found = world.copied(function)(_Clip(world))
    except Exception:  # noqa: BLE001 - whatever it is, the function is called with the clip later on and tells itself
        return None
    if world.unknown or world.changed() or not isinstance(found, _Clip):
        return None
    return Elementwise(found._fresh)


class _Clip:
    """Stands for a clip and what becomes of it; knows no more of it than that."""

    def __init__(self, world: _World, fresh: bool = False) -> None:
        self.__dict__.update(_world=world, _fresh=fresh)

    def __getattr__(self, name: str) -> Any:
        if name in _FUNCTIONS or name in _CONVERSIONS:
            return functools.partial(_noted, self._world, name, self)
        raise self._world.unknown_error(name)


def _noted(world: _World, name: str, *args: Any, **named: Any) -> _Clip:
    values = [*args, *named.values()]
    plain = (_Clip, type(None), *_NUMBERS, *((torch.dtype,) if name in ("to", "type") else ()))
    known = all(type(value) in plain for value in values) and any(type(value) is _Clip for value in values)
    known = known and all(value in _DTYPES for value in values if isinstance(value, torch.dtype))
    known = known and len(values) in {**_FUNCTIONS, **_CONVERSIONS}[name] and named.keys() <= set(_NAMES)
    if name == "pow":
        known = known and type(values[0]) is _Clip and type(values[1]) in (int, float) and values[1] in _EXPONENTS
    if not known:
        raise world.unknown_error(name)
    return _Clip(world, name in _TO_NEW)


def _operator(name: str, swapped: bool = False) -> Callable[..., Any]:
    def apply(self: _Clip, *others: Any) -> _Clip:
        return _noted(self._world, name, *(reversed((self, *others)) if swapped else (self, *others)))

    return apply


def _refused(name: str) -> Callable[..., Any]:
    def refuse(self: _Clip, *_: Any) -> Any:
        raise self._world.unknown_error(name)

    return refuse


for _dunder, _name in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div"}.items():
    setattr(_Clip, f"__{_dunder}__", _operator(_name))
    setattr(_Clip, f"__r{_dunder}__", _operator(_name, swapped=True))
    setattr(_Clip, f"__i{_dunder}__", _refused(f"i{_dunder}"))  # changes the clip that it is given
for _dunder in ("neg", "abs", "gt", "ge", "lt", "le", "eq", "ne", "pow"):
    setattr(_Clip, f"__{_dunder}__", _operator(_dunder))
for _dunder in (
    "bool",
    "iter",
    "len",
    "float",
    "int",
    "index",
    "contains",
    "getitem",
    "setitem",
    "setattr",
    "ipow",
    "hash",
):
    setattr(_Clip, f"__{_dunder}__", _refused(_dunder))


class _Strange:
    """Stands for what a function can reach and nothing is known of."""

    def __init__(self, world: _World) -> None:
        object.__setattr__(self, "_world", world)

    def __getattr__(self, name: str) -> Any:
        raise self._world.unknown_error(name)

    def __call__(self, *args: Any, **named: Any) -> Any:
        raise self._world.unknown_error("call")


for _dunder in ("bool", "eq", "ne", "lt", "le", "gt", "ge", "hash", "iter", "len", "getitem", "setitem", "setattr", "contains",
                "float", "int", "index", "enter", "str", "repr"):  # fmt: skip
    setattr(_Strange, f"__{_dunder}__", _refused(_dunder))


class _Torch:
    """Stands for the module torch."""

    def __init__(self, world: _World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        if name in _FUNCTIONS:
            return functools.partial(_noted, self._world, name)
        value = getattr(torch, name, None)
        if isinstance(value, torch.dtype):
            return value
        raise self._world.unknown_error(name)


class _World:
    """What a function can reach while it is looked into, and whether it asked for more or changed something."""

    def __init__(self) -> None:
        self.unknown = False
        self._copies: dict[int, Any] = {}
        self._kept: list[tuple[Callable[[], Any], Any]] = []

    def unknown_error(self, name: str) -> _UnknownError:
        """The error to raise; that it was raised is remembered, should the function catch it."""
        self.unknown = True
        return _UnknownError(name)

    def changed(self) -> bool:
        """Whether a function wrote to a variable outside it."""
        return any(now() != before for now, before in self._kept)

    def copied(self, value: Any) -> Any:
        """What stands for a value that a function can reach."""
        if type(value) in (*_NUMBERS, type(None), torch.dtype):
            return value
        if value is torch:
            return _Torch(self)
        if isinstance(value, functools.partial) and type(value) is functools.partial:
            named = {name: self.copied(argument) for name, argument in value.keywords.items()}
            return functools.partial(self.copied(value.func), *map(self.copied, value.args), **named)
        if isinstance(value, types.FunctionType):
            return self._copies[id(value)] if id(value) in self._copies else self._function(value)
        for name in _FUNCTIONS:
            if value is getattr(torch, name, None) or value is getattr(torch.Tensor, name, None):
                return functools.partial(_noted, self, name)
        if any(value is getattr(torch.Tensor, name) for name in _CONVERSIONS):
            return functools.partial(_noted, self, value.__name__)
        return _Strange(self)

    def _function(self, function: types.FunctionType) -> Any:
        code = function.__code__
        special = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
        if any(part.co_flags & special or part.co_exceptiontable for part in _codes(code)) or function.__dict__:
            return _Strange(self)
        # What a function takes for built in is settled when it is made.
        own: dict[str, Any] = {name: getattr(builtins, name) for name in _BUILTINS}
        around: dict[str, Any] = {"__builtins__": own}
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        copy = types.FunctionType(code, around, function.__name__, None, cells or None)
        self._copies[id(function)] = copy
        reached = {name for part in _codes(code) for name in part.co_names}
        around |= {n: self.copied(value) for n, value in function.__globals__.items() if n in reached}
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.copied(original.cell_contents)
            except ValueError:  # not set yet
                return _Strange(self)
            self._keep(functools.partial(getattr, cell, "cell_contents"))
        copy.__defaults__ = None if function.__defaults__ is None else tuple(map(self.copied, function.__defaults__))
        copy.__kwdefaults__ = self._named(function.__kwdefaults__)
        self._keep(lambda: dict(around))
        return copy

    def _named(self, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if values is None else {name: self.copied(value) for name, value in values.items()}

    def _keep(self, now: Callable[[], Any]) -> None:
        self._kept.append((lambda: _identities(now()), _identities(now())))


def _identities(value: Any) -> Any:
    return {name: id(part) for name, part in value.items()} if isinstance(value, dict) else id(value)


def _codes(code: types.CodeType) -> list[types.CodeType]:
    """The code of a function and of those that it defines."""
    inner = [part for part in code.co_consts if isinstance(part, types.CodeType)]
    return [code, *(found for part in inner for found in _codes(part))]
