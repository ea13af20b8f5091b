from __future__ import annotations

from fractions import Fraction

import pytest

from ptv_datasets import LabeledVideoPaths, LabelFileError, read_label_file
from ptv_datasets.annotations.label_files import numbered


@pytest.fixture
def table(tmp_path):
    def write(text, name="labels.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.mp4 1\nb.mp4 2\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("a.mp4,1\nb.mp4,2\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("a.mp4\t1\nb.mp4\t2\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("a.mp4;1\nb.mp4;2", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("a.mp4, 1\r\nb.mp4, 2\r\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("\ufeffa.mp4 1\n\n  \nb.mp4 2\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("a path.mp4 1\nb.mp4 2\n", [("a path.mp4", "1"), ("b.mp4", "2")]),
        ("a path.mp4,1\nb.mp4,2\n", [("a path.mp4", "1"), ("b.mp4", "2")]),
        ("a, path.mp4 1\nb, c.mp4 2\n", [("a, path.mp4", "1"), ("b, c.mp4", "2")]),
        ("a.mp4 b.mp4 1\n", [("a.mp4 b.mp4", "1")]),
        ('"a, path.mp4",1\nb.mp4,2\n', [("a, path.mp4", "1"), ("b.mp4", "2")]),
        ('"a path.mp4" 1\n"b.mp4" 2\n', [("a path.mp4", "1"), ("b.mp4", "2")]),
        ('"a path.mp4"\t1\nb.mp4\t2\n', [("a path.mp4", "1"), ("b.mp4", "2")]),
        ("a.mp4 playing the guitar\nb.webm running\n", [("a.mp4", "playing the guitar"), ("b.webm", "running")]),
        ('a.mp4,"salsa, slow"\nb.mp4,run\n', [("a.mp4", "salsa, slow"), ("b.mp4", "run")]),
        ("a.mp4\nb c.mp4\n", [("a.mp4", None), ("b c.mp4", None)]),
        ("folder_1 3\nfolder_2 4\n", [("folder_1", "3"), ("folder_2", "4")]),
        ("path,label\na.mp4,1\nb.mp4,2\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("path label\na.mp4 1\nb.mp4 2\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("Label,Path\n1,a.mp4\n2,b.mp4\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("path\na.mp4\nb c.mp4\n", [("a.mp4", None), ("b c.mp4", None)]),
        ("split,path,label,x\nt,a.mp4,1,\nt,b.mp4,2,9\n", [("a.mp4", "1"), ("b.mp4", "2")]),
        ("s3://bucket/a.mp4 1\nhttp://host/b.avi 2\n", [("s3://bucket/a.mp4", "1"), ("http://host/b.avi", "2")]),
    ],
)
def test_rows_are_read_whatever_separates_them(table, text, expected):
    assert [(row.path, row.label) for row in read_label_file(table(text))] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("path,label\n", "only a header"),
        ("a.mp4,1\nb.mp4\nc.mp4,3\n", "row 2, column 2: 1 columns, but 2 before"),
        ("a.mp4,1\n\nb.mp4,\n", "row 3, column 2: the cell is empty"),
        ("path,label\n,3\n", "row 2, column 1: the cell is empty"),
        ("path,label\na.mp4,1\nb.mp4,2,3\n", "row 3, column 3"),
        ("a.mp4,1,2\nb.mp4,1,2\n", "row 1, column 3.*no header"),
        ("label,seconds\n1,a\n", "names no column of paths"),
        ("path,label,duration\na.mp4,1,soon\n", "row 2, column 3: 'soon' is not"),
        ("path,label,duration\na.mp4,1,-1\n", "row 2, column 3"),
    ],
)
def test_errors_name_file_row_and_column(table, text, message):
    path = table(text)
    with pytest.raises(LabelFileError, match=message) as caught:
        read_label_file(path)

    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"path": ["a.mp4", "b.mp4"], "label": [1]}', r"different length \(path: 2, label: 1\)"),
        ('{"path": {"0": "a.mp4"}, "label": {"1": 1}}', "do not have the same rows"),
        ('{"columns": ["path", "label"], "data": [["a.mp4"]]}', "the 2 cells of 'columns'"),
        ('{"path": ["a.mp4", null], "label": [1, 2]}', "row 2, column path"),
    ],
)
def test_json_tables_with_missing_cells_are_errors(table, text, message):
    with pytest.raises(LabelFileError, match=message):
        read_label_file(table(text))


def test_a_missing_or_binary_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(LabelFileError, match="no such file"):
        read_label_file(tmp_path / "none.csv")
    with pytest.raises(LabelFileError, match=r"wardrobe:// yet, .*path_manager\.register_handler"):
        read_label_file("wardrobe://none.csv")
    (tmp_path / "video.mp4").write_bytes(bytes(range(256)))
    with pytest.raises(LabelFileError, match="not UTF-8"):
        read_label_file(tmp_path / "video.mp4")


def test_a_column_of_durations_is_read_exactly(table):
    rows = read_label_file(table("path,label,duration\na.mp4,1,1.1\nb.mp4,2,\n"))

    assert [row.duration for row in rows] == [Fraction(11, 10), None]


def test_numbers_stay_numbers_and_have_no_names(table):
    paths = LabeledVideoPaths.from_path(table("a.mp4 7\nb.mp4 -1\n"))

    assert paths.class_names is None
    assert list(paths) == [
        ("a.mp4", {"label": 7, "label_name": "7"}),
        ("b.mp4", {"label": -1, "label_name": ""}),
    ]


def test_names_are_numbered_alphabetically_or_as_given(table, tmp_path):
    path = table("a.mp4 walk\nb.mp4 run\n")
    names = tmp_path / "names.txt"
    names.write_text("walk\njump\nrun\n")

    assert [info["label"] for _, info in LabeledVideoPaths.from_path(path)] == [1, 0]
    for class_names in (["walk", "jump", "run"], names, str(names)):
        paths = LabeledVideoPaths.from_path(path, class_names)

        assert paths.class_names == ["walk", "jump", "run"]
        assert [info["label"] for _, info in paths] == [0, 2]


def test_numbers_get_the_names_that_are_given(table):
    paths = LabeledVideoPaths.from_path(table("a.mp4 1\n"), ["walk", "run"])

    assert paths[0] == ("a.mp4", {"label": 1, "label_name": "run"})


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ("a.mp4 1\nb.mp4 x\nc.mp4 3\n", None, "row 2, column label: 'x', although other rows have numbers"),
        ("a.mp4 run\nb.mp4 3\nc.mp4 go\n", None, "row 2, column label: '3', although other rows have names"),
        ("a.mp4 run\nb.mp4 sit\n", ["run"], "row 2, column label: 'sit' is not one of the 1 classes"),
        ("a.mp4 5\n", ["run"], "row 1, column label: '5'"),
        ("a.mp4 0\n", ["run", "run"], "twice"),
    ],
)
def test_a_label_that_is_no_class_is_an_error_with_its_row(table, text, names, message):
    with pytest.raises(LabelFileError, match=message):
        LabeledVideoPaths.from_path(table(text), names)


def test_videos_without_labels_have_minus_one(table):
    rows = read_label_file(table("a.mp4\n"))

    assert numbered(rows, "x", None) == ([-1], None)


def test_the_prefix_is_joined_to_every_path(table):
    paths = LabeledVideoPaths.from_path(table("a.mp4 0\n/b.mp4 1\n"))
    paths.path_prefix = "/data"

    assert [path for path, _ in paths] == ["/data/a.mp4", "/b.mp4"]


def test_folders_are_classes_in_alphabetical_order(tmp_path):
    for name in ("walk/b.webm", "walk/a.MP4", "run/deep/c.mkv", "run/notes.txt", "run/.hidden.mp4", "empty/x.txt",
                 "walk/frames/1.jpg", "walk/frames/2.jpg", ".git/a.mp4", "stray.mp4"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    paths = LabeledVideoPaths.from_path(tmp_path)

    assert paths.class_names == ["empty", "run", "walk"]
    assert [(path.removeprefix(f"{tmp_path}/"), info["label"]) for path, info in paths] == [
        ("run/deep/c.mkv", 1), ("walk/a.MP4", 2), ("walk/b.webm", 2), ("walk/frames", 2)
    ]  # fmt: skip
    with pytest.raises(LabelFileError, match="'walk' is not one of"):
        LabeledVideoPaths.from_path(tmp_path, ["run", "empty"])


def test_a_folder_without_videos_says_what_is_expected(tmp_path):
    with pytest.raises(LabelFileError, match=r"CLASS/VIDEO.mp4"):
        LabeledVideoPaths.from_path(tmp_path)
