"""The grammar of specs: what it takes, what it refuses, and the column it points at."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ptv_registry import Spec, parse
from ptv_registry._parser import parse_value
from ptv_registry.errors import PtvError, SpecSyntaxError
from tests.support.spec_strategies import specs

ALPHABET = "ab_019.-+e:/()[]=,'\"\\ \n\tnoetrufalsuN"


def check_parses_or_complains(text: str) -> None:
    try:
        spec = parse(text)
    except PtvError as error:
        assert error.message
        if "column" in error.fields:
            assert 1 <= error.fields["column"] <= len(text) + 1
        return

    assert isinstance(spec, Spec)
    assert spec == parse(str(spec))


@given(st.text())
@example("\x00")
@example("a(x='\ud800')")
@example("\ufeffa")
@example("a(x=٣)")
def test_any_text_is_a_spec_or_a_typed_error(text: str) -> None:
    check_parses_or_complains(text)


@given(st.text(ALPHABET, max_size=40))
@example("1/a")
@example("None/a")
@example("a(x=1/b)")
@example("a(x='\\U00110000')")
@example("a(x='\\")
@example("a:b:c")
def test_any_text_of_the_grammars_own_letters_is_a_spec_or_a_typed_error(text: str) -> None:
    check_parses_or_complains(text)


@given(specs, st.data())
def test_a_spec_with_some_letters_changed_is_a_spec_or_a_typed_error(spec: Spec, data: st.DataObject) -> None:
    text = str(spec)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 3, len(text))))
        text = text[:start] + data.draw(st.text(ALPHABET, max_size=2) | st.text(max_size=2)) + text[end:]
    check_parses_or_complains(text)


@given(specs, st.data())
def test_white_space_between_tokens_does_not_matter(spec: Spec, data: st.DataObject) -> None:
    spaces = data.draw(st.text(" \n\t", max_size=3))
    marks = "(),=[]"

    # Only outside of strings: a spec without quotes has none.
    text = str(spec)
    if "'" not in text:
        text = "".join(f"{spaces}{char}{spaces}" if char in marks else char for char in text)

    assert spec == parse(spaces + text + spaces)


@pytest.mark.parametrize("opening", ["[", "a(x=", "a(x=[", "a(x='", "(", "a:", "a/", "'", '"', "\\", "a(", "1", " "])
def test_64_kib_of_anything_end_in_a_typed_error(opening: str) -> None:
    text = opening * (65536 // len(opening))

    with pytest.raises(PtvError):
        parse(text)


def test_text_up_to_64_kib_is_parsed_and_one_byte_more_is_not() -> None:
    filling = "x" * (65536 - len("a(x='')"))

    assert {"x": filling} == parse(f"a(x='{filling}')").args
    with pytest.raises(SpecSyntaxError, match="longer than 64 KiB"):
        parse(f"a(x='{filling}') ")
    with pytest.raises(SpecSyntaxError, match="longer than 64 KiB"):
        parse(f"a(x='{'é' * 40_000}')")


@pytest.mark.parametrize("value", ["1", "none", "true", "'text'", "[]", "b", "b()"])
def test_32_levels_parse_and_33_do_not(value: str) -> None:
    outer = 31 if value in ("[]", "b", "b()") else 32

    assert isinstance(parse("a(x=" * outer + value + ")" * outer), Spec)
    with pytest.raises(SpecSyntaxError, match="nested more than 32 deep"):
        parse("a(x=" * (outer + 1) + value + ")" * (outer + 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slowfast", Spec("slowfast")),
        ("slowfast()", Spec("slowfast")),
        ("norm:ghost", Spec("ghost", kind="norm")),
        ("acme-ptv/ghost", Spec("ghost", dist="acme-ptv")),
        ("norm:acme.ptv/ghost(eps=1e-3)", Spec("ghost", {"eps": 1e-3}, "norm", "acme.ptv")),
        ("3d-tools/a", Spec("a", dist="3d-tools")),
        ("1/a", Spec("a", dist="1")),
        ("1e5/a", Spec("a", dist="1e5")),
        ("a(x=none, y=true, z=false,)", Spec("a", {"x": None, "y": True, "z": False})),
        ("a(x=[1, [2.5], -3,], y=[])", Spec("a", {"x": [1, [2.5], -3], "y": []})),
        ("a(x=b(y=c))", Spec("a", {"x": Spec("b", {"y": Spec("c")})})),
        ("a(none=1, kind=2)", Spec("a", {"none": 1, "kind": 2})),
    ],
)
def test_specs_of_every_form_parse(text: str, expected: Spec) -> None:
    assert expected == parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("+1", 1),
        ("-0", 0),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("'a'", "a"),
        ('"it\'s"', "it's"),
        (r"'\'\"\\\n\t\r'", "'\"\\\n\t\r"),
        (r"'\u00e9\U0001F600'", "é😀"),
        ("'(,)=['", "(,)=["),
    ],
)
def test_numbers_and_strings_of_every_form_parse(text: str, expected: Any) -> None:
    value = parse_value(text)

    assert expected == value
    assert type(expected) is type(value)


@pytest.mark.parametrize(
    ("text", "column", "complaint"),
    [
        ("", 1, "expected a value"),
        ("   ", 4, "expected a value"),
        ("3", 1, "starts with a component's name"),
        ("none", 1, "starts with a component's name"),
        ("[a]", 1, "starts with a component's name"),
        ("a b", 3, "expected nothing more"),
        ("a(3)", 3, "arguments are given as name=value"),
        ("a(b)", 4, "expected '=' after b"),
        ("a(x=1 y=2)", 7, "expected ',' or '\\)'"),
        ("a(x=[1 2])", 8, "expected ',' or ']'"),
        ("a(x=1, x=2)", 8, "x is given twice"),
        ("a(x=)", 5, "expected a value"),
        ("a(x=1", 6, "found the end of the text"),
        ("a(,)", 3, "an argument's name"),
        ("a(x='b)", 5, "the string is not closed"),
        ("a(x='b\nc')", 5, "the string is not closed"),
        (r"a(x='b\qc')", 7, "is not an escape"),
        ("a(x=res-basic)", 5, "quote it if it is a string"),
        ("a(x=None)", 5, "write none, not None"),
        ("norm:True", 6, "write true, not True"),
        ("a(x=none())", 5, "none is a value, not a component"),
        ("norm:none", 6, "none is a value, not a component"),
        ("x/none", 3, "none is a value, not a component"),
        ("a(x=1e999)", 5, "the number is too large"),
        ("a(x=" + "9" * 5000 + ")", 5, "the number is too long"),
        ("a(x=$b)", 5, "cannot stand here"),
        ("a.b.c", 1, "cannot be a component's name"),
        ("norm:", 6, "expected a component's name"),
        ("acme/", 6, "expected a component's name"),
        ("a:b/c:d", 6, "expected nothing more"),
    ],
)
def test_complaints_point_at_the_column(text: str, column: int, complaint: str) -> None:
    with pytest.raises(SpecSyntaxError, match=complaint) as caught:
        parse(text)

    assert column == caught.value.fields["column"]


def test_the_complaint_shows_the_text_with_a_mark_below_the_column() -> None:
    with pytest.raises(SpecSyntaxError) as caught:
        parse("resnet(depth=$)")

    _, text, mark = str(caught.value).split("\n")
    assert "$" == text[mark.index("^")]


def test_the_complaint_about_a_long_text_is_short() -> None:
    with pytest.raises(SpecSyntaxError) as caught:
        parse("a(x=1 '" + "y" * 60_000 + "')")

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("text", [None, 3, b"a", ["a"]])
def test_what_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(PtvError):
        parse(text)


def test_a_spec_and_its_json_form_parse_to_the_spec() -> None:
    spec = parse("norm:ghost(eps=1)")

    assert spec is parse(spec)
    assert spec == parse({"name": "ghost", "kind": "norm", "args": {"eps": 1}})


def test_the_columns_of_arguments_are_kept() -> None:
    written = parse("  resnet(norm = ghost, depth=50)").written

    assert written is not None
    assert 3 == written.column
    assert {"norm": 17, "depth": 30} == dict(written.columns)
