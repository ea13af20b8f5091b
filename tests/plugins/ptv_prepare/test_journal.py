"""The journal of ``ptv prepare``: what a killed or damaged run left behind."""

from __future__ import annotations

from pathlib import Path

from ptv_prepare.journal import Journal


def test_lists_that_a_killed_run_left_half_written_are_removed(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    left = [tmp_path / ".classes.txt.part-0123456789ab", tmp_path / "annotations" / ".train.csv.part-0123456789ab"]
    for path in left:
        path.write_text("half")
    (tmp_path / "classes.txt").write_text("whole")
    with Journal(tmp_path):
        pass

    assert [False, False] == [path.exists() for path in left]
    assert "whole" == (tmp_path / "classes.txt").read_text()


def test_damaged_lines_of_the_journal_are_made_again(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        path = journal._path
    path.write_text(
        '[]\n5\n{"x": 1}\n{"output": "a.mp4", "facts": {}}\n{"output": "b\n' + "9" * 5000 + "\n" + "[" * 100_000
    )
    with Journal(tmp_path) as journal:
        assert None is journal.facts("a.mp4", "recipe")
        assert journal.knows("a.mp4")
