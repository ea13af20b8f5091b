"""Records out of files that others may have written."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import field, frozen

from ptv_registry import limits
from ptv_registry.records import RecordError, checked, parse_json, read_json, structured


@frozen
class Point:
    x: int = field(validator=checked(lambda v: type(v) is int, "a whole number"))
    y: int = 0


def test_a_record_becomes_its_class() -> None:
    assert Point(1, 2) == structured(Point, {"x": 1, "y": 2}, "the point")
    assert Point(1, 5) == structured(Point, {"x": 1}, "the point", y=5)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the point must be an object, and is"),
        ({}, "the point lacks x"),
        ({"x": 1, "z": 2}, "the point has z, which is unknown"),
        ({"x": "1"}, "x must be a whole number, and is '1'"),
        ({"x": "a" * 500}, r"and is 'a{70,80}\.\.\.$"),
        ({"x": [10**6000]}, "and is a list"),
    ],
)
def test_a_record_of_another_shape_names_the_place(data: object, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        structured(Point, data, "the point")


def test_what_is_given_apart_may_not_stand_in_the_record() -> None:
    with pytest.raises(RecordError, match="y, which is unknown"):
        structured(Point, {"x": 1, "y": 2}, "the point", y=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9" * 5000, "is not JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[" * 500 + "]" * 500, "nested more than 200 deep"),
        ("NaN", "holds NaN"),
        ('{"a": -Infinity}', "holds -Infinity"),
        (b"\xff\xfe", "is not JSON"),
        ("{", "is not JSON"),
    ],
)
def test_what_is_no_record_is_an_error_of_the_library(text: str | bytes, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        parse_json(text)


def test_a_file_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_text("[1, 2, 3]")
    assert [1, 2, 3] == read_json(tmp_path / "x.json")
    monkeypatch.setattr(limits, "RECORD_BYTES", 8)

    with pytest.raises(RecordError, match="is larger than"):
        read_json(tmp_path / "x.json")
    with pytest.raises(RecordError, match="is larger than"):
        read_json(Path("/dev/zero"))
