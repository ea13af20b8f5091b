"""Label files and manifests that ask for memory or time without bound, or hold numbers that are none."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from attrs import fields

from ptv_datasets.annotations.label_files import read_json, read_label_file
from ptv_datasets.annotations.label_rows import LabelFileError
from ptv_datasets.annotations.manifests import ActionData, LabelData, read_records
from ptv_registry import limits


@pytest.mark.parametrize(
    "duration", ["1e9999999", "1e-9999999", "1e999", "9" * 5000, "1/0", "nan", "inf", "-1", "0", "1_0", "0x1"]
)
def test_a_duration_that_is_no_number_of_seconds_is_an_error_at_once(tmp_path: Path, duration: str) -> None:
    (tmp_path / "x.csv").write_text(f"path,label,duration\na.mp4,0,1.5\nb.mp4,0,{duration}\n")
    (tmp_path / "x.json").write_text(f'[{{"path": "b.mp4", "label": 0, "duration": "{duration}"}}]')
    for path in (tmp_path / "x.csv", tmp_path / "x.json"):
        with pytest.raises(LabelFileError, match="is not a positive number of seconds"):
            read_label_file(path)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1.5", 1.5), ("1e1", 10), ("3/2", 1.5), (".5", 0.5), ("2.", 2), ("+3", 3)]
)
def test_a_duration_may_be_written_in_any_usual_way(tmp_path: Path, text: str, seconds: float) -> None:
    (tmp_path / "x.csv").write_text(f"path,label,duration\na.mp4,0,{text}\n")

    assert seconds == read_label_file(tmp_path / "x.csv")[0].duration


def test_a_compressed_file_is_not_unpacked_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_BYTES", 100_000)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(100):
            file.write(b"a.mp4 0\n" * 100_000)
    (tmp_path / "x.csv.gz").write_bytes(packed.getvalue())

    with pytest.raises(LabelFileError, match="LIST_BYTES allows more"):
        read_label_file(tmp_path / "x.csv.gz")


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000, '{"a": ' * 5000])
def test_json_of_numbers_or_levels_without_end_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)

    with pytest.raises(LabelFileError, match=r"x\.json"):
        read_json(tmp_path / "x.json")
    (tmp_path / "y.json").write_text('[{"path": "a.mp4", "label": ' + text + "}]")
    with pytest.raises(LabelFileError, match=r"y\.json"):
        read_label_file(tmp_path / "y.json")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999", "9" * 5000])
def test_a_manifest_holds_numbers_only(tmp_path: Path, number: str) -> None:
    columns = "video_id,start_time,stop_time,start_frame,stop_frame,label_id,label_name"
    (tmp_path / "x.csv").write_text(f"{columns}\nv,{number},1,0,1,0,x\n")

    with pytest.raises(LabelFileError, match="row 2, column start_time"):
        read_records(tmp_path / "x.csv", LabelData)


@pytest.mark.parametrize("cell", ["[" * 5000, "__import__('os').system('true')", "[1, " + "1, " * 40_000 + "]"])
def test_a_list_in_a_manifest_is_a_literal_of_some_length(tmp_path: Path, cell: str) -> None:
    names = [field.name for field in fields(ActionData)]
    row = ['"' + cell + '"' if name == "all_nouns" else "[]" if name == "all_noun_classes" else "1" for name in names]
    (tmp_path / "x.csv").write_text(",".join(names) + "\n" + ",".join(row) + "\n")

    with pytest.raises(LabelFileError, match="row 2, column all_nouns"):
        read_records(tmp_path / "x.csv", ActionData)
