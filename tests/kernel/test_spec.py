"""Specs as data: what they hold, how they print, and their JSON form."""

from __future__ import annotations

import copy
import enum
import json
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptv_registry import Spec, parse
from ptv_registry.errors import ArgumentError, PtvError
from tests.support.spec_strategies import specs


class Size(enum.IntEnum):
    SMALL = 3


class Mode(str, enum.Enum):  # noqa: UP042 - the old form prints as Mode.FAST
    FAST = "fast"


class Ratio(float):
    def __repr__(self) -> str:
        return f"Ratio({float(self)})"


def nested(depth: int, leaf: Any = 1) -> Spec:
    spec = Spec("a", {"x": leaf})
    for _ in range(depth - 1):
        spec = Spec("a", {"x": spec})
    return spec


@given(specs)
def test_parsing_what_a_spec_prints_gives_the_spec(spec: Spec) -> None:
    twin = parse(str(spec))

    assert spec == twin
    assert hash(spec) == hash(twin)
    assert str(spec) == str(twin)


@given(specs)
def test_the_json_form_gives_the_spec_back(spec: Spec) -> None:
    assert spec == Spec.from_dict(json.loads(json.dumps(spec.to_dict())))


@given(specs)
def test_specs_pickle_and_copy(spec: Spec) -> None:
    assert spec == pickle.loads(pickle.dumps(spec)) == copy.deepcopy(spec)


@given(specs, specs)
def test_specs_are_equal_exactly_when_they_print_alike_up_to_the_order_of_arguments(left: Spec, right: Spec) -> None:
    def ordered(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(ordered, value))
        if isinstance(value, Spec):
            return Spec(value.name, {k: ordered(value.args[k]) for k in sorted(value.args)}, value.kind, value.dist)
        return value

    assert (left == right) is (str(ordered(left)) == str(ordered(right)))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "kind", "dist", "args", "x", ""]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(_json)
def test_any_json_is_a_spec_or_a_typed_error(data: Any) -> None:
    try:
        spec = Spec.from_dict(data)
    except PtvError:
        return

    assert spec == parse(str(spec))


def test_the_order_of_arguments_is_kept_and_does_not_matter() -> None:
    spec = Spec("a", {"z": 1, "b": 2})

    assert "a(z=1, b=2)" == str(spec)
    assert spec == Spec("a", {"b": 2, "z": 1})
    assert hash(spec) == hash(Spec("a", {"b": 2, "z": 1}))


@pytest.mark.parametrize(("left", "right"), [(1, 1.0), (1, True), (0, False), (0.0, -0.0), ("1", 1), (None, "none")])
def test_values_that_python_calls_equal_stay_apart(left: Any, right: Any) -> None:
    assert Spec("a", {"x": left}) != Spec("a", {"x": right})


def test_a_name_is_not_the_string_of_the_same_letters() -> None:
    assert Spec("a", {"x": Spec("b")}) != Spec("a", {"x": "b"})


def test_a_spec_is_not_equal_to_its_text() -> None:
    assert Spec("a") != "a"


def test_lists_become_tuples_without_touching_the_callers() -> None:
    given_args = {"x": [1, [2]]}

    spec = Spec("a", given_args)

    assert {"x": (1, (2,))} == spec.args
    assert {"x": [1, [2]]} == given_args


@pytest.mark.parametrize(
    ("value", "text"),
    [(Size.SMALL, "a(x=3)"), (Mode.FAST, "a(x='fast')"), (Ratio(0.5), "a(x=0.5)")],
)
def test_subclasses_of_numbers_and_text_are_written_as_what_they_are(value: Any, text: str) -> None:
    assert text == str(Spec("a", {"x": value}))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, object(), {"a": 1}, b"x", {1}, print])
def test_what_has_no_text_form_is_refused_with_the_argument_named(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"argument x of a"):
        Spec("a", {"x": value})
    with pytest.raises(ArgumentError, match=r"argument x of a"):
        Spec("a", {"x": [0, [value]]})


@pytest.mark.parametrize("name", ["", "none", "true", "false", "None", "True", "a-b", "1a", "a b", "a\n", "é", None, 3])
def test_what_cannot_be_a_name_is_refused(name: Any) -> None:
    with pytest.raises(ArgumentError, match="cannot be the name"):
        Spec(name)


@pytest.mark.parametrize("kind", ["", "a-b", "a.b", 3])
def test_what_cannot_be_a_kind_is_refused(kind: Any) -> None:
    with pytest.raises(ArgumentError, match="cannot be the kind"):
        Spec("a", kind=kind)


@pytest.mark.parametrize("dist", ["", "-a", "a-", "a b", "a/b", 3])
def test_what_cannot_be_a_distribution_is_refused(dist: Any) -> None:
    with pytest.raises(ArgumentError, match="cannot be the distribution"):
        Spec("a", dist=dist)


@pytest.mark.parametrize("name", ["a-b", "", "1", 1, None])
def test_what_cannot_be_an_arguments_name_is_refused(name: Any) -> None:
    with pytest.raises(ArgumentError, match="cannot be the argument name"):
        Spec("a", {name: 1})


def test_32_levels_are_a_spec_and_33_are_not() -> None:
    assert nested(32) == parse(str(nested(32))) == Spec.from_dict(nested(32).to_dict())
    with pytest.raises(ArgumentError, match="nested more than 32"):
        nested(33)
    with pytest.raises(ArgumentError, match="nested more than 32"):
        nested(31, leaf=[[]])


def test_arguments_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(ArgumentError, match="a mapping of names to values, not 5"):
        Spec("a", 5)  # type: ignore[arg-type]


def test_lists_that_hold_themselves_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ArgumentError, match="nested more than 32"):
        Spec("a", {"x": endless})


def test_a_deep_json_form_is_refused() -> None:
    data: Any = 1
    for _ in range(5000):
        data = {"name": "a", "args": {"x": data}}

    with pytest.raises(ArgumentError, match="nested more than 32"):
        Spec.from_dict(data)


@pytest.mark.parametrize(
    "data", [{}, {"args": {}}, {"name": "a", "extra": 1}, {"name": "a", "args": []}, {"name": None}, [], "a", None]
)
def test_what_is_no_json_form_is_refused(data: Any) -> None:
    with pytest.raises(ArgumentError):
        Spec.from_dict(data)


def test_the_place_it_was_written_at_does_not_make_a_spec_another() -> None:
    assert parse("a(x=1)") == parse(" a( x = 1 )") == Spec("a", {"x": 1})


def test_an_integer_too_long_to_print_is_refused() -> None:
    with pytest.raises(ArgumentError, match="an int of 20001 bits"):
        Spec("a", {"x": 1 << 20_000})
